/**
 * Lints the app that is made from generated/catalog.json, as it would be pushed. Ends with 1 when there are faults.
 *
 *     node connector/zapier/lint.ts
 */
import app from './src/index.ts';
import type { AppDefinition } from './src/lint/definition.ts';
import { lintDefinition } from './src/lint-definition.ts';
import { sendToApp } from './src/send-to-app.ts';

const definition = (await sendToApp(app, { command: 'definition' })) as AppDefinition;
const faults = lintDefinition(definition);
for (const { trigger, check, message } of faults) console.error(`${trigger ?? 'app'}: ${check}: ${message}`);
console.log(`${Object.keys(definition.triggers ?? {}).length} triggers, ${faults.length} faults`);
process.exitCode = faults.length === 0 ? 0 : 1;
