import type { AddressInfo } from 'node:net';
import dns2 from 'dns2';

export interface NameServer extends AsyncDisposable {
  /** Where it answers, as `address:port`. */
  at: string;
  /** The addresses of a name: one list for each time that it is asked, the last one for good. */
  answers: Map<string, string[][]>;
}

/** A real DNS server on this machine whose answers hold for no time at all. */
export async function startNameServer(): Promise<NameServer> {
  const answers = new Map<string, string[][]>();
  const current = new Map<string, string[]>();
  const server = dns2.createUDPServer((request, send) => {
    const response = dns2.Packet.createResponseFromRequest(request);
    const [question] = request.questions;
    const name = question?.name ?? '';
    const isV6 = question?.type === dns2.Packet.TYPE.AAAA;
    // A look-up asks for both families: the question for IPv4 begins a new turn.
    if (!isV6) {
      const turns = answers.get(name) ?? [];
      current.set(name, (turns.length > 1 ? turns.shift() : turns[0]) ?? []);
    }
    for (const address of answersTo(isV6 ? (answers.get(name)?.flat() ?? []) : (current.get(name) ?? []), isV6))
      response.answers.push({ name, type: question?.type, class: dns2.Packet.CLASS.IN, ttl: 0, address } as never);
    send(response);
  });
  await server.listen(0, '127.0.0.1');
  return {
    at: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    answers,
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function answersTo(addresses: readonly string[], isV6: boolean): string[] {
  return addresses.filter((address) => address.includes(':') === isV6);
}
