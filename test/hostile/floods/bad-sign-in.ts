import { randomBytes } from 'node:crypto';
import { connect, type SecureContext } from 'node:tls';

/** Header version 1 and a body: SaslHandshake and SaslAuthenticate before flexible versions. */
function request(key: number, version: number, body: Buffer): Buffer {
  const head = Buffer.alloc(18);
  head.writeInt32BE(14 + body.length, 0);
  head.writeInt16BE(key, 4);
  head.writeInt16BE(version, 6);
  head.writeInt32BE(1, 8);
  head.writeInt16BE(4, 12);
  head.write('evil', 14);
  return Buffer.concat([head, body]);
}

function authenticate(message: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(Buffer.byteLength(message));
  return request(36, 0, Buffer.concat([length, Buffer.from(message)]));
}

const MECHANISM = 'SCRAM-SHA-512';
const HANDSHAKE = request(17, 1, Buffer.concat([Buffer.from([0, MECHANISM.length]), Buffer.from(MECHANISM)]));
/** The position of the error code in the answers of SaslHandshake and SaslAuthenticate. */
const ERROR_AT = 8;

export type SignInOutcome = 'let in' | 'refused' | 'closed';

/**
 * A sign-in that answers the server's challenge with random bytes: it costs the server as much as one with a
 * wrong password, and the client a thousandth. Resolves when the connection is over, with the answers to it.
 */
export function badSignIn(
  to: { readonly port: number; readonly localAddress: string; readonly secureContext: SecureContext },
  answerMs: number,
): Promise<SignInOutcome> {
  return new Promise((resolve) => {
    const nonce = randomBytes(18).toString('base64url');
    const socket = connect({ ...to, host: '127.0.0.1', servername: 'localhost' });
    let received = Buffer.alloc(0);
    let answers = 0;
    let outcome: SignInOutcome = 'closed';
    const answered = (answer: Buffer): void => {
      answers++;
      if (answer.readInt16BE(ERROR_AT) !== 0) {
        outcome = 'refused';
        socket.destroy();
      } else if (answers === 1) socket.write(authenticate(`n,,n=alice,r=${nonce}`));
      else if (answers === 2) {
        const whole = /r=([^,]+),s=/.exec(answer.toString('latin1'))?.[1];
        socket.write(authenticate(`c=biws,r=${whole},p=${randomBytes(64).toString('base64')}`));
      } else {
        outcome = 'let in';
        socket.destroy();
      }
    };
    socket.once('secureConnect', () => socket.write(HANDSHAKE));
    socket.on('data', (bytes) => {
      received = Buffer.concat([received, bytes]);
      while (received.length >= 4 && received.length >= 4 + received.readInt32BE(0)) {
        const end = 4 + received.readInt32BE(0);
        answered(received.subarray(0, end));
        received = received.subarray(end);
      }
    });
    socket.setTimeout(answerMs, () => socket.destroy());
    socket.on('error', () => {});
    socket.once('close', () => resolve(outcome));
  });
}
