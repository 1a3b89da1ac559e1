/** Two fields with one label could not be told apart in the editor, so such fields also show their keys. */
export function ownLabels<Field extends { key: string; label: string }>(fields: readonly Field[]): Field[] {
  const times = new Map<string, number>();
  for (const { label } of fields) times.set(label, (times.get(label) ?? 0) + 1);
  return fields.map((field) =>
    times.get(field.label) === 1
      ? field
      : { ...field, label: `${field.label} (${field.key.replaceAll(/__|\[\]/g, ' ')})` },
  );
}
