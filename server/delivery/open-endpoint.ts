import type { EndpointSettings } from '../storage/due.ts';
import { openColumn } from '../vault/endpoint-seals.ts';
import type { Vault } from '../vault/vault.ts';

/** An endpoint's settings with its secrets readable. */
export interface OpenedEndpoint extends EndpointSettings {
  /** Why they are not, when they cannot be opened: attempts then fail with this reason. */
  fault: string | null;
}

/** Opens what an endpoint's settings keep sealed. */
export function openEndpoint(
  vault: Vault,
  teamId: string,
  id: string,
  settings: EndpointSettings | undefined,
): OpenedEndpoint | undefined {
  if (settings === undefined) return undefined;
  const key = { team_id: teamId, id };
  try {
    return {
      ...settings,
      secret: openColumn(vault, 'secret', key, settings.secret),
      previous_secret: openColumn(vault, 'secret', key, settings.previous_secret),
      headers: openColumn(vault, 'headers', key, settings.headers),
      credentials: openColumn(vault, 'credentials', key, settings.credentials),
      client_certificate: openColumn(vault, 'client_certificate', key, settings.client_certificate),
      fault: null,
    };
  } catch (error) {
    return { ...settings, fault: error instanceof Error ? error.message : String(error) };
  }
}
