import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';
import form from '../../server/catalog/events.schema.json' with { type: 'json' };
import { lintCatalog } from '../../server/catalog/lint.ts';
import system from '../../server/catalog/system.json' with { type: 'json' };
import type { CatalogDocument } from '../../server/catalog/types.ts';
import { copyOf, parcelsPath } from './catalogs.ts';

// biome-ignore lint/suspicious/noExplicitAny: these tests break a document in ways that its type forbids
type Broken = any;

interface Case {
  name: string;
  change: (document: Broken) => void;
  /** Event type and pointer of each fault, and what its message says. */
  faults: [event: string | null, pointer: string, message: RegExp][];
}

const cases: Case[] = [
  {
    name: 'a missing part of the document',
    change: (d) => delete d.product,
    faults: [[null, '/product', /is missing/]],
  },
  {
    name: 'an unknown part of the document',
    change: (d) => {
      d.event_types = [];
    },
    faults: [[null, '/event_types', /is not a field of a catalog/]],
  },
  {
    name: 'a missing part of an event type',
    change: (d) => delete d.events[1].noun,
    faults: [['parcel.scanned', '/events/1/noun', /is missing/]],
  },
  {
    name: 'an event type that is not an object',
    change: (d) => {
      d.events[4] = 'depot.closed';
    },
    faults: [['#4', '/events/4', /must be an object/]],
  },
  {
    name: 'an unknown status',
    change: (d) => {
      d.events[0].status = 'planned';
    },
    faults: [['parcel.registered', '/events/0/status', /"active", "reserved"/]],
  },
  {
    name: 'a name of a definition with a dot',
    change: (d) => {
      d.$defs['a.b'] = { type: 'object' };
    },
    faults: [[null, '/$defs/a.b', /has a name that/]],
  },
  {
    name: 'a data schema that is not valid JSON Schema',
    change: (d) => {
      d.events[2].schema.properties.signed_by.type = 'text';
    },
    faults: [['parcel.delivered', '/events/2/schema/properties/signed_by/type', /not valid JSON Schema/]],
  },
  {
    name: 'a data schema with a keyword that does not exist',
    change: (d) => {
      d.events[2].schema.properties.signed_by['x-note'] = 'hm';
    },
    faults: [['parcel.delivered', '/events/2/schema', /unknown keyword: "x-note"/]],
  },
  {
    name: 'a definition that does not compile, once and not for each event type that uses it',
    change: (d) => {
      d.$defs.address.properties.city['x-note'] = 'hm';
    },
    faults: [[null, '/$defs/address', /unknown keyword/]],
  },
  {
    name: 'a data schema that is not an object’s',
    change: (d) => {
      d.events[2].schema.type = 'string';
    },
    faults: [['parcel.delivered', '/events/2/schema/type', /must be "object"/]],
  },
  {
    name: 'an unknown $ref in an event type',
    change: (d) => {
      d.events[0].schema.properties.parcel.$ref = '#/$defs/packet';
    },
    faults: [['parcel.registered', '/events/0/schema/properties/parcel/$ref', /no "packet" in \/\$defs/]],
  },
  {
    name: 'an unknown $ref in a definition',
    change: (d) => {
      d.$defs.recipient.properties.address.$ref = '#/$defs/adress';
    },
    faults: [[null, '/$defs/recipient/properties/address/$ref', /no "adress"/]],
  },
  {
    name: 'a $ref that is not of the one form',
    change: (d) => {
      d.$defs.recipient.properties.address.$ref = 'https://example.com/address';
    },
    faults: [[null, '/$defs/recipient/properties/address/$ref', /must be of the form/]],
  },
  {
    name: 'a field without a title, deep in a definition',
    change: (d) => delete d.$defs.parcel.properties.items.items.properties.name.title,
    faults: [[null, '/$defs/parcel/properties/items/items/properties/name', /needs a title/]],
  },
  {
    name: 'a field with an empty description',
    change: (d) => {
      d.events[0].schema.properties.parcel.description = ' ';
    },
    faults: [['parcel.registered', '/events/0/schema/properties/parcel', /needs a description/]],
  },
  {
    name: 'a field that may be left out',
    change: (d) => d.$defs.depot.required.pop(),
    faults: [[null, '/$defs/depot/properties/capacity', /must be in "required"/]],
  },
  {
    name: 'a sample that fails its schema',
    change: (d) => {
      d.events[0].samples[0].data.parcel.recipient.name = 7;
    },
    faults: [['parcel.registered', '/events/0/samples/0/data/parcel/recipient/name', /must be a string/]],
  },
  {
    name: 'a sample that leaves a nullable key out',
    change: (d) => delete d.events[0].samples[0].data.parcel.expected_at,
    faults: [['parcel.registered', '/events/0/samples/0/data/parcel/expected_at', /is missing/]],
  },
  {
    name: 'no sample',
    change: (d) => {
      d.events[3].samples = [];
    },
    faults: [['depot.opened', '/events/3/samples', /fewer than 1/]],
  },
  {
    name: 'a sample of a project’s event without a project',
    change: (d) => {
      d.events[0].samples[0].project_id = null;
    },
    faults: [['parcel.registered', '/events/0/samples/0/project_id', /must name a project/]],
  },
  {
    name: 'a sample of a team’s event with a project',
    change: (d) => {
      d.events[3].samples[0].project_id = 'shop_north';
    },
    faults: [['depot.opened', '/events/3/samples/0/project_id', /must be null/]],
  },
  {
    name: 'a sample with an id that is not one',
    change: (d) => {
      d.events[0].samples[0].id = 'evt 1';
    },
    faults: [['parcel.registered', '/events/0/samples/0/id', /pattern/]],
  },
  {
    name: 'two samples with one id',
    change: (d) => {
      d.events[1].samples[0].id = d.events[0].samples[0].id;
    },
    faults: [['parcel.scanned', '/events/1/samples/0/id', /another sample/]],
  },
  {
    name: 'a sample with a time that is not one',
    change: (d) => {
      d.events[0].samples[0].created_at = '2026-13-01T00:00:00Z';
    },
    faults: [['parcel.registered', '/events/0/samples/0/created_at', /ISO 8601/]],
  },
  {
    name: 'a sample with a time that is not in UTC',
    change: (d) => {
      d.events[0].samples[0].created_at = '2026-05-04T10:00:00+02:00';
    },
    faults: [['parcel.registered', '/events/0/samples/0/created_at', /end with Z/]],
  },
  {
    name: 'a label that is not in Title Case',
    change: (d) => {
      d.events[0].label = 'Parcel registered';
    },
    faults: [['parcel.registered', '/events/0/label', /write "registered" with a capital/]],
  },
  {
    name: 'fires_when that begins with a capital',
    change: (d) => {
      d.events[0].fires_when = 'A parcel is registered';
    },
    faults: [['parcel.registered', '/events/0/fires_when', /small letter/]],
  },
  {
    name: 'fires_when that ends with a full stop',
    change: (d) => {
      d.events[0].fires_when = 'a parcel is registered.';
    },
    faults: [['parcel.registered', '/events/0/fires_when', /punctuation/]],
  },
  {
    name: 'fires_when that repeats "when"',
    change: (d) => {
      d.events[0].fires_when = 'when a parcel is registered';
    },
    faults: [['parcel.registered', '/events/0/fires_when', /must not begin with "when"/]],
  },
  {
    name: 'a name that is there twice',
    change: (d) => {
      d.events[1].name = 'parcel.registered';
    },
    faults: [['parcel.registered', '/events/1/name', /is there already/]],
  },
  {
    name: 'two names with one key once dots become underscores',
    change: (d) => {
      d.events[0].name = 'parcel.hand.over';
      d.events[1].name = 'parcel.hand_over';
    },
    faults: [['parcel.hand_over', '/events/1/name', /same key "parcel_hand_over"/]],
  },
  {
    name: 'a name without a family',
    change: (d) => {
      d.events[0].name = 'registered';
    },
    faults: [['registered', '/events/0/name', /pattern/]],
  },
  {
    name: 'an unknown dialect in the aliases',
    change: (d) => {
      d.events[0].aliases = { postie: [{ name: 'x', match: 'exact' }] };
    },
    faults: [['parcel.registered', '/events/0/aliases/postie', /no dialect "postie"/]],
  },
  {
    name: 'a rename that makes two fields one',
    change: (d) => {
      d.dialects = { postie: { label: 'Postie', renames: { id: 'name' } } };
    },
    faults: [[null, '/dialects/postie/renames/id', /cannot become "name"/]],
  },
  {
    name: 'a filter that points at no field',
    change: (d) => {
      d.events[0].filters.service = '/parcel/speed';
    },
    faults: [['parcel.registered', '/events/0/filters/service', /points at no field/]],
  },
  {
    name: 'a filter that points into a free-form map',
    change: (d) => {
      d.events[0].filters.order = '/parcel/labels/order';
    },
    faults: [['parcel.registered', '/events/0/filters/order', /points at no field/]],
  },
  {
    name: 'a filter by a personal field',
    change: (d) => {
      d.$defs.recipient.properties.email.pii = true;
      d.events[0].filters.email = '/parcel/recipient/email';
    },
    faults: [['parcel.registered', '/events/0/filters/email', /is personal \(pii\)/]],
  },
  {
    name: 'a personal field that cannot be blank',
    change: (d) => {
      d.$defs.recipient.properties.name.pii = true;
    },
    faults: [[null, '/$defs/recipient/properties/name/pii', /must allow null/]],
  },
  {
    name: 'a mark that says nothing',
    change: (d) => {
      d.$defs.recipient.properties.email.pii = false;
    },
    faults: [[null, '/$defs/recipient/properties/email/pii', /must be true, or left out/]],
  },
  {
    name: 'a filter that points at an object',
    change: (d) => {
      d.events[0].filters.parcel = '/parcel';
    },
    faults: [['parcel.registered', '/events/0/filters/parcel', /points at an object/]],
  },
  {
    name: 'a filter that is not a pointer',
    change: (d) => {
      d.events[0].filters.parcel = 'parcel.id';
    },
    faults: [['parcel.registered', '/events/0/filters/parcel', /json-pointer/]],
  },
  {
    name: 'a count that disagrees with its family',
    change: (d) => {
      d.families.parcel.counts.core = 3;
    },
    faults: [[null, '/families/parcel/counts/core', /says 3, but the family has 2/]],
  },
  {
    name: 'a count that is not said',
    change: (d) => delete d.families.parcel.counts.extended,
    faults: [[null, '/families/parcel/counts/extended', /says 0, but the family has 1/]],
  },
  {
    name: 'an unknown family',
    change: (d) => {
      d.events[3].family = 'depots';
      d.families.depot.counts.core = 0;
    },
    faults: [['depot.opened', '/events/3/family', /no family "depots"/]],
  },
  {
    name: 'an event type under another family than its name says',
    change: (d) => {
      d.events[3].family = 'parcel';
      d.families.depot.counts.core = 0;
      d.families.parcel.counts.core = 3;
    },
    faults: [['depot.opened', '/events/3/family', /must start with its family, "parcel\."/]],
  },
  {
    name: 'an event type that claims to be built in',
    change: (d) => {
      d.events[3].set = 'system';
      d.families.depot.counts = { system: 1 };
    },
    faults: [['depot.opened', '/events/3/set', /is for built-in event types/]],
  },
  {
    name: 'an event type and a family that are built in already',
    change: (d) => {
      d.families.webhook = { label: 'Webhook', description: 'Mine.', counts: { core: 1 } };
      d.events.push({ ...structuredClone(d.events[3]), name: 'webhook.test', family: 'webhook' });
      d.events[4].samples[0].id = 'evt_2';
    },
    faults: [
      ['webhook.test', '/events/4/name', /is there already/],
      [null, '/families/webhook', /built-in family/],
    ],
  },
  {
    name: 'several faults at once',
    change: (d) => {
      d.events[0].label = 'parcel';
      delete d.events[0].noun;
      d.events[0].samples[0].data.parcel.weight_grams = 0;
    },
    faults: [
      ['parcel.registered', '/events/0/noun', /is missing/],
      ['parcel.registered', '/events/0/label', /Title Case/],
      ['parcel.registered', '/events/0/samples/0/data/parcel/weight_grams', />= 1/],
    ],
  },
];

for (const { name, change, faults } of cases) {
  test(`the linter finds ${name}, and nothing else`, () => {
    const document = copyOf(parcelsPath);
    change(document);
    const found = lintCatalog(document, 'parcels.json', system as unknown as CatalogDocument);
    assert.deepEqual(
      found.map(({ file, event, pointer }) => [file, event, pointer]),
      faults.map(([event, pointer]) => ['parcels.json', event, pointer]),
      JSON.stringify(found, null, 1),
    );
    found.forEach((fault, index) => void assert.match(fault.message, faults[index]?.[2] ?? /^$/));
  });
}

test('small words may be lower case inside a label, and capitals are accepted too', () => {
  for (const label of ['Member Added To Resource', 'Member Added to Resource', 'URL of the Day', 'ID 3', 'Über Uns']) {
    const document = copyOf(parcelsPath) as Broken;
    document.events[0].label = label;
    assert.deepEqual(lintCatalog(document, 'parcels.json'), [], label);
  }
});

test('the linter never throws, whatever JSON it is given', () => {
  const odd: unknown[] = [null, true, 0, 'text', [], {}, [[]], JSON.parse('{"__proto__": null}')];
  let deep: unknown = {};
  for (let depth = 0; depth < 20_000; depth++) deep = { properties: { a: deep } };
  odd.push(deep, { ...copyOf(parcelsPath), $defs: { deep } });
  odd.forEach((document, index) => {
    assert.notEqual(lintCatalog(document, 'odd.json').length, 0, `document ${index}`);
  });
});

test('the linter never throws when any one part of a catalog is replaced by anything', () => {
  const replace = (path: (string | number)[], value: unknown) => {
    const document = copyOf(parcelsPath) as Broken;
    let here = document;
    for (const segment of path.slice(0, -1)) here = here[segment];
    here[path.at(-1) ?? ''] = value;
    // A check that throws is caught and said in a fault of this wording: none may, on a document of ordinary depth.
    const faults = lintCatalog(document, 'odd.json', system as unknown as CatalogDocument);
    assert.ok(
      !faults.some(({ message }) => /cannot be checked/.test(message)),
      `${path.join('/')}: ${JSON.stringify(faults)}`,
    );
  };
  const paths: (string | number)[][] = [];
  const walk = (value: unknown, path: (string | number)[]) => {
    if (path.length > 0) paths.push(path);
    if (typeof value !== 'object' || value === null || path.length > 4) return;
    for (const [key, inner] of Object.entries(value)) walk(inner, [...path, key]);
  };
  const { api_version, families, $defs, events } = copyOf(parcelsPath);
  walk({ api_version, families, $defs: { depot: $defs.depot }, events: [null, events[1]] }, []);
  const kept = paths.filter(([first, second]) => first !== 'events' || second === '1');
  for (const path of kept) for (const value of [null, 7, [null], { $ref: '#/$defs/depot' }]) replace(path, value);
});

test('definitions that refer to themselves are checked and end', () => {
  const document = copyOf(parcelsPath) as Broken;
  document.$defs.loop = { $ref: '#/$defs/loop' };
  document.$defs.one = { $ref: '#/$defs/two' };
  document.$defs.two = { allOf: [{ $ref: '#/$defs/one' }] };
  document.events[0].schema.properties.parcel.$ref = '#/$defs/loop';
  assert.doesNotThrow(() => lintCatalog(document, 'parcels.json'));
});

test('events.schema.json is itself a strict JSON Schema', () => {
  const ajv = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false });
  ajvFormats.default(ajv);
  assert.doesNotThrow(() => ajv.compile(form));
});
