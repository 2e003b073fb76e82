import { type Finding, ok } from '../finding.ts';

/** Node itself is new enough, or nothing would have been printed; what is left is the system. */
export function nodeFinding({
  version,
  platform,
  arch,
}: {
  version: string;
  platform: string;
  arch: string;
}): Finding {
  const check = 'Node';
  const found = `Node ${version} on ${platform} ${arch}.`;
  if (platform === 'linux') return ok(check, found);
  if (platform === 'darwin')
    return { check, level: 'note', found, advice: 'Millrace is tested on Linux; macOS mostly works.' };
  return { check, level: 'error', found, advice: 'Run Millrace on Linux: on Windows in WSL2 or in Docker.' };
}
