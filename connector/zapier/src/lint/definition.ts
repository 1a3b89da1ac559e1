/** What the lint reads of an app in its serialised form, as `createAppHandler(app)({ command: 'definition' })` gives it. */
export interface AppDefinition {
  authentication?: { test?: unknown; connectionLabel?: unknown; fields?: FieldDefinition[] };
  triggers?: Record<string, TriggerDefinition>;
}

export interface TriggerDefinition {
  key: string;
  noun?: string;
  display: { label?: string; description?: string };
  operation: {
    type?: string;
    performSubscribe?: unknown;
    performUnsubscribe?: unknown;
    performList?: unknown;
    inputFields?: FieldDefinition[];
    outputFields?: FieldDefinition[];
    sample?: Record<string, unknown>;
  };
}

/** An input, an output or an authentication field. */
export interface FieldDefinition {
  key: string;
  label?: string;
  helpText?: string;
  type?: string;
  list?: boolean;
  dict?: boolean;
}

/** One fault: which trigger (null for the app itself), which check, what is wrong. */
export interface DefinitionFault {
  trigger: string | null;
  /** Zapier's id of a published check, or KEY, LABEL, SAMPLE for rules of this project. */
  check: string;
  message: string;
}

/** A fault of a trigger whose name the caller knows. */
export type Fault = Omit<DefinitionFault, 'trigger'>;
