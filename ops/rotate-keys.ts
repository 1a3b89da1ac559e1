/** `npm run keys:rotate`: asks the running server to seal its secrets under a new master key. */
const {
  HOOKLOOM_OPERATOR_TOKEN: token = '',
  PORT = '8787',
  HOOKLOOM_URL: url = `http://127.0.0.1:${PORT}`,
} = process.env;

try {
  if (token === '')
    throw new Error("set HOOKLOOM_OPERATOR_TOKEN to the operator's token: only the operator may do this");
  const response = await fetch(new URL('/v1/keys/rotate', url), {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
  }).catch(() => {
    throw new Error(`no server answers at ${url}: start it first, or set HOOKLOOM_URL to where it runs`);
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text}`);
  const { data } = JSON.parse(text) as { data: { key_id: string; previous_key_id: string; endpoints: number } };
  console.log(
    data.key_id === data.previous_key_id
      ? `The master key is ${data.key_id}, as the environment says; ${data.endpoints} endpoints were sealed under it anew.`
      : `The master key is now ${data.key_id} (before: ${data.previous_key_id}); ${data.endpoints} endpoints were sealed under it anew.`,
  );
} catch (error) {
  console.error(`The master key was not rotated: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
