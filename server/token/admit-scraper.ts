import { hash, timingSafeEqual } from 'node:crypto';
import type { Caller } from '../model.ts';
import { Problem } from '../problem.ts';
import { type Authentication, DEFAULT_TEAM } from './authenticate.ts';

export interface ScraperParts {
  authentication: Authentication;
  /** SHA-256 (hex) of HOOKLOOM_METRICS_TOKEN, or null when there is none. */
  metricsTokenHash: string | null;
  /** Whether the metrics may be read without a token: while nobody but this machine can reach the server. */
  isOpen: boolean;
}

/**
 * Lets in who may read the metrics: whoever presents HOOKLOOM_METRICS_TOKEN or the operator's token, and anybody while the
 * metrics are open. The token of the metrics can do nothing else, and needs no database.
 * @throws Problem 401 `token_missing` or `token_unknown`, 403 `operator_only`.
 */
export type AdmitScraper = (authorization: string | undefined) => Promise<Caller>;

const SCRAPER: Caller = {
  tokenId: 'metrics',
  teamId: DEFAULT_TEAM,
  isOperator: false,
  isTest: false,
  expiresAt: null,
  projects: null,
  abilities: new Set(),
  presented: '',
};

export function createAdmitScraper({ authentication, metricsTokenHash, isOpen }: ScraperParts): AdmitScraper {
  return async (authorization) => {
    if (isOpen) return SCRAPER;
    const presented = /^bearer +(.+)$/i.exec(authorization ?? '')?.[1]?.trim();
    if (presented !== undefined && metricsTokenHash !== null) {
      const [a, b] = [Buffer.from(hash('sha256', presented)), Buffer.from(metricsTokenHash)];
      if (a.length === b.length && timingSafeEqual(a, b)) return SCRAPER;
    }
    const caller = await authentication.authenticate(authorization);
    if (caller.isOperator) return caller;
    throw new Problem(
      403,
      'operator_only',
      "The metrics are for the operator. Use HOOKLOOM_METRICS_TOKEN or the operator's token.",
    );
  };
}
