import { connect as connectPlainly, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { connect as connectSecurely, createSecureContext, type SecureContext } from 'node:tls';
import { badSignIn } from './bad-sign-in.ts';

/** The target and the duration of a flood. */
export interface FloodTarget {
  readonly port: number;
  /** PEM text of the CA of its certificate. */
  readonly ca: string;
  readonly seconds: number;
}

interface Flood {
  readonly name: string;
  /** An address of this machine that no other client uses. */
  readonly from: string;
  /** Resolves with what was done, in words. */
  run(target: FloodTarget, from: string): Promise<string>;
}

const SIGN_INS_PER_SECOND = 1000;
const HALF_OPEN = 5000;
/**
 * Half-open connections that are opened in a second, until there are HALF_OPEN of them, and again for those
 * that were closed.
 */
const OPENED_PER_SECOND = 1000;
const ANSWER_MS = 10_000;
/** Sign-ins in progress, at most: the machine has files for about so many. */
const UNDER_WAY_MAX = 4000;

/** The floods of `npm run floods`, by the name of its option. */
export const FLOODS: Readonly<Record<string, Flood>> = {
  'sign-ins': { name: '1,000 bad sign-ins a second', from: '127.0.0.2', run: badSignIns },
  'half-open': {
    name: '5,000 connections that say nothing',
    from: '127.0.0.3',
    run: (target, from) => halfOpen(target, () => opened(target, from, null)),
  },
  'half-open-tls': {
    name: '5,000 connections that shake hands and say nothing more',
    from: '127.0.0.4',
    run: (target, from) => {
      const secureContext = createSecureContext({ ca: target.ca });
      return halfOpen(target, () => opened(target, from, secureContext));
    },
  },
};

async function badSignIns({ port, ca, seconds }: FloodTarget, from: string): Promise<string> {
  const to = { port, localAddress: from, secureContext: createSecureContext({ ca }) };
  let underWay = 0;
  let began = 0;
  let refused = 0;
  let letIn = 0;
  const attempt = async () => {
    underWay++;
    began++;
    const outcome = await badSignIn(to, ANSWER_MS);
    if (outcome === 'let in') letIn++;
    if (outcome === 'refused') refused++;
    underWay--;
  };
  const started = performance.now();
  for (let elapsedMs = 0; elapsedMs < seconds * 1000; elapsedMs = performance.now() - started) {
    const due = (elapsedMs * SIGN_INS_PER_SECOND) / 1000;
    while (began < due && underWay < UNDER_WAY_MAX) void attempt();
    await pause(1);
  }
  if (letIn > 0) throw new Error(`${letIn} came in with a wrong password`);
  return `${Math.round(began / seconds)} sign-ins a second, ${Math.round(refused / seconds)} of them answered`;
}

async function halfOpen({ seconds }: FloodTarget, open: () => Socket): Promise<string> {
  const sockets = new Set<Socket>();
  let opens = 0;
  let most = 0;
  const started = performance.now();
  for (let elapsedMs = 0; elapsedMs < seconds * 1000; elapsedMs = performance.now() - started) {
    const due = (elapsedMs * OPENED_PER_SECOND) / 1000;
    for (; opens < due && sockets.size < HALF_OPEN; opens++) {
      const socket = open();
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    }
    // Connections that were not opened in time are not opened later.
    opens = Math.max(opens, Math.floor(due));
    most = Math.max(most, sockets.size);
    await pause(5);
  }
  for (const socket of sockets) socket.destroy();
  return `${most} open at most`;
}

/** With a `secureContext` it does a TLS handshake. */
function opened({ port }: FloodTarget, localAddress: string, secureContext: SecureContext | null): Socket {
  const address = { host: '127.0.0.1', port, localAddress };
  const socket = secureContext
    ? connectSecurely({ ...address, secureContext, servername: 'localhost' })
    : connectPlainly(address);
  socket.on('error', () => socket.destroy());
  // Without reading it would not see that the other side closed.
  socket.resume();
  return socket;
}
