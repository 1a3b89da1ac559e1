/** What the bench seals under, so that the measured server can open what was put into its database before. */
export const MASTER_KEY = Buffer.alloc(32, 'bench').toString('base64');
