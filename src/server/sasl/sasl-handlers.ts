import { errorCode } from '../../protocol/errors.ts';
import { saslHandshake } from '../../protocol/messages/17-sasl-handshake.ts';
import { saslAuthenticate } from '../../protocol/messages/36-sasl-authenticate.ts';
import { NO_MESSAGE } from '../../protocol/no-message.ts';
import { type Handler, handle, LastAnswer } from '../handler.ts';
import { AFTER_SIGN_IN } from './sasl-session.ts';

/**
 * SaslHandshake v0-1: the client names its mechanism. What follows are SaslAuthenticate requests (KIP-152),
 * or after v0 the bare messages of the mechanism. Where nobody signs in it is ILLEGAL_SASL_STATE, as in
 * Kafka.
 */
export function saslHandshakeHandler<Context>(): Handler<Context> {
  return handle<Context, typeof saslHandshake>(
    saslHandshake,
    { versions: [0, 1], operations: [], serial: true, listeners: ['client', 'replication', 'controller'] },
    (_context, request, { sasl, apiVersion }) => {
      if (!sasl) return { errorCode: errorCode('ILLEGAL_SASL_STATE'), mechanisms: [] };
      const error = sasl.handshake(request.mechanism, apiVersion === 0);
      // Of a session that cannot be renewed Kafka says nothing more, as where nobody signs in.
      const mechanisms = error === null || sasl.isOver ? [...sasl.mechanisms] : [];
      const answer = { errorCode: errorCode(error ?? 'NONE'), mechanisms };
      return sasl.isOver ? new LastAnswer(answer) : answer;
    },
  );
}

/**
 * SaslAuthenticate v0-2: the messages of the mechanism, one after the other. A failed one is the last of its
 * connection.
 */
export function saslAuthenticateHandler<Context>(): Handler<Context> {
  return handle<Context, typeof saslAuthenticate>(
    saslAuthenticate,
    { versions: [0, 2], operations: [], serial: true, listeners: ['client', 'replication', 'controller'] },
    async (_context, request, { sasl }) => {
      const answer = sasl
        ? await sasl.authenticate(request.authBytes)
        : ({ error: 'ILLEGAL_SASL_STATE', message: AFTER_SIGN_IN } as const);
      if (!('error' in answer)) return { errorCode: 0, errorMessage: NO_MESSAGE, ...answer };
      const failed = {
        errorCode: errorCode(answer.error),
        errorMessage: answer.message === '' ? null : answer.message,
        authBytes: Buffer.alloc(0),
        sessionLifetimeMs: 0,
      };
      return sasl?.isOver ? new LastAnswer(failed) : failed;
    },
  );
}
