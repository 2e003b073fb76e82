import { below, type Random } from '../../src/base/random.ts';
import { between, pick } from '../chance.ts';
import type { SimHost } from '../sim-host.ts';

/** Less than message.timestamp.after.max.ms. */
const CLOCK_JUMP_MS = 30 * 60_000;

export function jumpClock(host: SimHost, random: Random): void {
  host.clockSkewMs = Math.floor(between(random, [-CLOCK_JUMP_MS, CLOCK_JUMP_MS]));
}

export function slowDisk({ faults }: SimHost, random: Random): void {
  faults.syncMs = [20, 20 + below(random, 2000)];
}

/** There is little room left. */
export function fillDisk({ faults, files }: SimHost, random: Random): void {
  faults.capacityBytes = files.usedBytes() + below(random, 3000);
}

/** Some syncs fail, after which the kernel takes what was not written for written; or some writes or reads. */
export function failDisk({ faults }: SimHost, random: Random): void {
  switch (pick(random, ['syncs', 'writes', 'reads'])) {
    case 'syncs':
      faults.syncEio = between(random, [0.01, 0.3]);
      return;
    case 'writes':
      faults.writeEio = between(random, [0.001, 0.05]);
      return;
    case 'reads':
      faults.readEio = between(random, [0.001, 0.1]);
  }
}

/** What may befall the controller beside its death. */
export function harmController(host: SimHost, random: Random): void {
  switch (pick(random, ['hang', 'clock', 'slow disk', 'full disk', 'failing disk'])) {
    case 'hang':
      host.pause();
      return;
    case 'clock':
      jumpClock(host, random);
      return;
    case 'slow disk':
      slowDisk(host, random);
      return;
    case 'full disk':
      fillDisk(host, random);
      return;
    case 'failing disk':
      failDisk(host, random);
  }
}
