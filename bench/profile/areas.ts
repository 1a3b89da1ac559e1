/** What the server spends its time on. */
export const AREAS = [
  'HTTP in',
  'HTTP out',
  'sign',
  'JSON',
  'validation',
  'SQL and commit',
  'messages between threads',
  'publish and delivery',
  'garbage collection',
  'event loop, sockets, other',
] as const;
export type Area = (typeof AREAS)[number];

/** A frame of a stack. */
export interface Frame {
  functionName: string;
  /** Empty for native functions and compiled validators. */
  url: string;
}

/** Where a frame belongs when it stands for itself, whoever called it. */
const OWN: [RegExp, Area][] = [
  [/\/server\/delivery\/(threaded-poster|poster-thread)\.ts$/, 'messages between threads'],
  [/\/node_modules\/undici\/|\/server\/egress\//, 'HTTP out'],
  [/\/server\/delivery\/dialect\//, 'sign'],
  [/\/node_modules\/(ajv|ajv-formats|fast-uri)\/|\/server\/catalog\//, 'validation'],
  [/\/server\/storage\/sqlite-(writer|thread)\.ts$/, 'messages between threads'],
  [/\/server\/storage\/|\/node_modules\/pg[^/]*\/|^node:sqlite$/, 'SQL and commit'],
  [/\/server\/(http|token|observe)\/|\/server\/hookloom\.ts$|^node:_http_/, 'HTTP in'],
  [
    /\/server\/(publish|delivery|endpoint|clock|commit)|\/server\/id\.ts$|\/node_modules\/ulid\//,
    'publish and delivery',
  ],
];

/** Where a frame belongs when none of its callers says more. */
const ALONE: [RegExp, Area][] = [
  [/^node:internal\/crypto\//, 'sign'],
  [/^node:internal\/(worker|event_target|per_context\/messageport)/, 'messages between threads'],
  // What is left of the packages is Express and what it brings.
  [/\/node_modules\//, 'HTTP in'],
];

/**
 * The area of a stack, the innermost frame first: that of the first frame which stands for itself; Node's own modules and
 * native functions count to whoever called them.
 */
export function areaOf(stack: readonly Frame[]): Area {
  const [leaf] = stack;
  if (leaf?.functionName === '(garbage collector)') return 'garbage collection';
  if (leaf?.functionName === 'postMessage') return 'messages between threads';
  for (const { functionName, url } of stack) {
    if (url === '' && /^validate\d*$/.test(functionName)) return 'validation';
    const area = OWN.find(([pattern]) => pattern.test(url))?.[1];
    if (area !== undefined) return area;
  }
  for (const { url } of stack) {
    const area = ALONE.find(([pattern]) => pattern.test(url))?.[1];
    if (area !== undefined) return area;
  }
  return 'event loop, sockets, other';
}
