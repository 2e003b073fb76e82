import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { withoutTlsName } from '../../control/api/security-rules.ts';
import { isApiError } from '../../control/aws/api-error.ts';
import type { ControlOptions, NewCluster } from '../../control/control.ts';
import { FIRST_PORT_BASE } from '../../control/state/ports.ts';
import { STORE_FILE } from '../../control/state/store.ts';
import { demoCluster, demoConfigProblem } from '../../control/steps/demo-cluster.ts';
import type { Given } from '../command.ts';
import { Failure } from '../failure.ts';

/**
 * The cluster that the command line asks for, unless it is there; null with `--no-cluster`. Touches nothing.
 * Throws Failure with all that can be wrong with it before anybody knows which clusters are there.
 */
export function upWish(
  given: Given,
  options: Pick<ControlOptions, 'dataDirectory' | 'ports' | 'advertised'>,
): NewCluster | null {
  const security = {
    tls: given.switched('tls'),
    scram: given.maybe('scram') !== undefined,
    iam: given.switched('iam'),
  };
  if (given.switched('no-cluster')) {
    if (security.tls || security.scram || security.iam)
      throw new Failure('--tls, --scram and --iam are for the cluster that --no-cluster does not make.', {
        exit: 'usage',
      });
    return null;
  }
  const wish = demoCluster({
    name: given.text('cluster'),
    brokers: given.integer('brokers', { min: 1, max: 60 }),
    firstPortBase: options.ports?.first ?? FIRST_PORT_BASE,
    ...security,
    config: configOf(given),
  });
  if (isApiError(wish)) throw new Failure(`The cluster cannot be made: ${wish.message}`);
  const nameless = withoutTlsName(wish.spec, options.advertised);
  if (nameless) throw new Failure(nameless.message);
  if (!existsSync(join(options.dataDirectory, STORE_FILE))) checkNewWish(wish);
  return wish;
}

/** What is wrong with it only where it is not there yet. Throws Failure. */
export function checkNewWish(wish: NewCluster): void {
  const problem = demoConfigProblem(wish);
  if (problem !== null) throw new Failure(`The cluster cannot be made: ${problem}`);
}

/** What --config says, by key. Throws Failure. */
export function configOf(given: Given): Record<string, string> {
  return Object.fromEntries(
    given.all('config').map((text) => {
      const at = text.indexOf('=');
      if (at < 1) throw new Failure(`--config must be KEY=VALUE, not "${text}".`, { exit: 'usage' });
      return [text.slice(0, at).trim(), text.slice(at + 1).trim()];
    }),
  );
}
