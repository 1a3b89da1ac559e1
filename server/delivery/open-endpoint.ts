import type { EndpointSettings } from '../storage/due.ts';
import { openColumn } from '../vault/endpoint-seals.ts';
import type { Vault } from '../vault/vault.ts';

/** An endpoint's settings with its secrets readable. */
export interface OpenedEndpoint extends EndpointSettings {
  /** Why they are not, when they cannot be opened: attempts then fail with this reason. */
  fault: string | null;
}

/** Opens what an endpoint's settings keep sealed, in their place: a copy of such a row takes as long as opening it. */
export function openEndpoint(
  vault: Vault,
  teamId: string,
  id: string,
  settings: EndpointSettings | undefined,
): OpenedEndpoint | undefined {
  if (settings === undefined) return undefined;
  const key = { team_id: teamId, id };
  let fault: string | null = null;
  try {
    settings.secret = openColumn(vault, 'secret', key, settings.secret);
    settings.previous_secret = openColumn(vault, 'secret', key, settings.previous_secret);
    settings.headers = openColumn(vault, 'headers', key, settings.headers);
    settings.credentials = openColumn(vault, 'credentials', key, settings.credentials);
    settings.client_certificate = openColumn(vault, 'client_certificate', key, settings.client_certificate);
  } catch (error) {
    fault = error instanceof Error ? error.message : String(error);
  }
  return Object.assign(settings, { fault });
}
