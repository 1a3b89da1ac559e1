import type { ValidateFunction } from 'ajv/dist/2020.js';
import { type EventTypeContext, eventType } from './event-type.ts';
import { lazily } from './lazily.ts';
import { nearest } from './nearest.ts';
import { patterns } from './patterns.ts';
import { publishDocument } from './publish-document.ts';
import system from './system.json' with { type: 'json' };
import type { Catalog, CatalogDocument, EventType } from './types.ts';

/** The built-in event types, in the form of a catalog. */
export const builtIn = system as unknown as CatalogDocument;

/** The validator of the event type at a place of its document. */
type ValidatorOf = (index: number) => ValidateFunction;

/**
 * The catalog of a document that `loadCatalog` has checked before, for a thread that commits what was validated: it can do all but
 * validate, and so needs nothing that compiles schemas (100 ms and 30 MB).
 */
export function assembleCatalog(document: CatalogDocument): Catalog {
  const refuse = (() => {
    throw new Error('this thread commits what was validated before; it cannot validate');
  }) as unknown as ValidateFunction;
  return makeCatalog(
    document,
    () => refuse,
    () => refuse,
  );
}

/** The catalog of a document without faults, the built-in event types merged into it. */
export function makeCatalog(document: CatalogDocument, validatorOf: ValidatorOf, ofBuiltIn: ValidatorOf): Catalog {
  const dialects = document.dialects ?? {};
  const own = eventTypes(document, validatorOf);
  const builtInTypes = eventTypes({ ...builtIn, api_version: document.api_version, dialects }, ofBuiltIn);
  const types = new Map([...own, ...builtInTypes].map((type) => [type.name, type]));
  const proposed = own.map((type) => type.name);
  const [testType] = builtInTypes;
  if (!testType) throw new Error('system.json holds no event type');

  const publish = lazily(() =>
    publishDocument(
      {
        api_version: document.api_version,
        product: document.product,
        dialects,
        families: { ...document.families, ...builtIn.families },
        $defs: { ...builtIn.$defs, ...document.$defs },
      },
      [...types.values()],
    ),
  );

  return {
    source: document,
    apiVersion: document.api_version,
    dialects,
    types,
    testType,
    nearest: (name, n) => nearest(name, proposed, n),
    ...patterns(types),
    get document() {
      return publish();
    },
    get hash() {
      return publish().hash;
    },
  };
}

function eventTypes(document: CatalogDocument, validatorOf: ValidatorOf): EventType[] {
  const context: EventTypeContext = {
    apiVersion: document.api_version,
    $defs: document.$defs,
    dialects: document.dialects ?? {},
    families: document.families,
    shapes: new Map(),
    fills: new Map(),
  };
  return document.events.map((entry, index) => eventType(entry, validatorOf(index), context));
}
