import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { getCACertificates } from 'node:tls';
import { AddressRanges } from './address-ranges.ts';
import { type EgressPolicy, WEB_PORTS } from './egress-policy.ts';

/** Where deliveries may go, and which way they take. */
export interface EgressSettings {
  policy: EgressPolicy;
  /** DNS servers that names are looked up by; none: as the operating system does. */
  dnsServers: readonly string[];
  /** The certificates (PEM) that receivers are trusted by; undefined for Node's own. */
  ca: readonly string[] | undefined;
  /** The operator's proxy. */
  proxy: URL | null;
  source: EgressSource;
}

/** What settings were read from: plain data, from which another thread reads the same. */
export interface EgressSource {
  env: Environment;
  allowLoopback: boolean;
}

const VARIABLES = [
  'HOOKLOOM_ALLOW_HTTP',
  'HOOKLOOM_ALLOW_PORTS',
  'HOOKLOOM_ALLOW_TARGETS',
  'HOOKLOOM_DNS_SERVERS',
  'HOOKLOOM_EGRESS_CA',
  'HOOKLOOM_EGRESS_PROXY',
  'HOOKLOOM_PUBLIC_URL',
] as const;

/** The variables that are read here; no other one reaches the thread that sends. */
type Environment = Partial<Record<(typeof VARIABLES)[number], string | undefined>>;

/** What applies where nothing is set. */
export function closedEgress(allowLoopback: boolean): EgressSettings {
  return readEgressSettings({}, allowLoopback, []);
}

/**
 * Reads what the environment says of deliveries' ways out (listed in .env.example).
 * @param faults gets a line for each fault; the settings are then not usable
 */
export function readEgressSettings(
  given: Record<string, string | undefined>,
  allowLoopback: boolean,
  faults: string[],
): EgressSettings {
  const env: Environment = Object.fromEntries(VARIABLES.map((name) => [name, given[name]]));
  const list = (name: keyof Environment): string[] => (env[name] ?? '').split(/[\s,]+/).filter((item) => item !== '');
  const attempt = <T>(name: string, read: () => T, otherwise: T): T => {
    try {
      return read();
    } catch (error) {
      faults.push(`${name}: ${error instanceof Error ? error.message : error}`);
      return otherwise;
    }
  };

  const allowHttp = env.HOOKLOOM_ALLOW_HTTP?.trim() || 'false';
  if (allowHttp !== 'true' && allowHttp !== 'false')
    faults.push(`HOOKLOOM_ALLOW_HTTP is "${allowHttp}"; it must be true or false`);
  const ports = list('HOOKLOOM_ALLOW_PORTS').map((text) => {
    const port = Number(text);
    if (!Number.isInteger(port) || port < 1 || port > 65535)
      faults.push(`HOOKLOOM_ALLOW_PORTS has "${text}"; a port is a whole number from 1 to 65535`);
    return port;
  });
  const dnsServers = list('HOOKLOOM_DNS_SERVERS');
  for (const server of dnsServers)
    if (!/^(\d+(\.\d+){3}|\[[0-9a-f:.]+\])(:\d{1,5})?$/i.test(server) && isIP(server) === 0)
      faults.push(`HOOKLOOM_DNS_SERVERS has "${server}"; write an IP address, with :port where it is not 53`);
  const publicHost = attempt('HOOKLOOM_PUBLIC_URL', () => readUrl(env.HOOKLOOM_PUBLIC_URL)?.hostname, undefined);
  const caFile = env.HOOKLOOM_EGRESS_CA?.trim() ?? '';
  return {
    policy: {
      allowLoopback,
      allowHttp: allowHttp === 'true',
      ports: new Set([...WEB_PORTS, ...ports]),
      allowedTargets: attempt(
        'HOOKLOOM_ALLOW_TARGETS',
        () => new AddressRanges(list('HOOKLOOM_ALLOW_TARGETS')),
        new AddressRanges([]),
      ),
      ownHosts: ownHosts(publicHost),
    },
    dnsServers,
    ca:
      caFile === ''
        ? undefined
        : attempt(
            'HOOKLOOM_EGRESS_CA',
            () => [...getCACertificates('default'), readFileSync(caFile, 'utf8')],
            undefined,
          ),
    proxy: attempt('HOOKLOOM_EGRESS_PROXY', () => readUrl(env.HOOKLOOM_EGRESS_PROXY), null),
    source: { env, allowLoopback },
  };
}

/** The name that the server is known by, and the addresses that this machine has to the outside. */
function ownHosts(publicHost: string | undefined): ReadonlySet<string> {
  const hosts = new Set<string>();
  if (publicHost !== undefined) hosts.add(publicHost.replace(/^\[|\]$/g, '').replace(/\.+$/, ''));
  for (const addresses of Object.values(networkInterfaces()))
    for (const { address, internal } of addresses ?? []) if (!internal) hosts.add(address.toLowerCase());
  return hosts;
}

/** @throws Error without the text, which may hold a password. */
function readUrl(text: string | undefined): URL | null {
  if (text === undefined || text.trim() === '') return null;
  const url = URL.parse(text.trim());
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new Error('it must be a URL that begins with http:// or https://');
  return url;
}
