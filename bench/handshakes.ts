import { apis } from '../src/protocol/apis.ts';
import { encodeFrame } from './kafka-socket.ts';
import { cpu } from './produce.ts';
import { connectTo, type Subject } from './subject.ts';

/** The number of connections that are made at the same time. */
const AT_ONCE = 4;

/**
 * Makes one connection after the other, each with a TLS handshake and one small request: the cost of a new
 * client.
 */
export async function handshakes(
  subject: Subject,
  seconds: number,
): Promise<{ readonly perSecond: number; readonly cpuMsOfOne: number }> {
  const frame = encodeFrame(apis.apiVersions, 0, {});
  const [address = ''] = subject.bootstrap.split(',');
  let made = 0;
  const before = cpu(subject);
  const started = performance.now();
  const lane = async () => {
    while (performance.now() - started < seconds * 1000) {
      const socket = await connectTo(subject, address);
      if ((await socket.send(frame)) === null) throw new Error('a connection was closed');
      socket.close();
      made++;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  const tookSeconds = (performance.now() - started) / 1000;
  return { perSecond: made / tookSeconds, cpuMsOfOne: (cpu(subject) - before) / made };
}
