import { sleep } from '../../base/clock.ts';
import type { Api } from '../../protocol/api.ts';
import { errorCode, errorName } from '../../protocol/errors.ts';
import type { Decoded, Encodable, Fields } from '../../protocol/field.ts';
import { decodeResponseHeader, encodeRequestHeader } from '../../protocol/headers.ts';
import { envelope } from '../../protocol/messages/58-envelope.ts';
import { encodePrincipal } from '../../protocol/principal-data.ts';
import { Reader } from '../../protocol/reader.ts';
import { Writer } from '../../protocol/writer.ts';
import { rightsText } from '../../security/iam/forwarded-rights.ts';
import { BROKER_PRINCIPAL_TYPE } from '../../server/authorizer.ts';
import { type Handler, type HandlerCard, handle } from '../../server/handler.ts';
import type { BrokerContext } from '../context.ts';
import type { IsVisible } from '../metadata-view/visible-changes.ts';
import type { ForwardedClient } from './forwarded-client.ts';

/**
 * How long a controller that does not lead is asked again; clients wait no longer than this for admin
 * requests.
 */
const FORWARD_TIMEOUT_MS = 30_000;
const RETRY_MS = 50;

/** The change is made whether or not this broker knows of it in time. */
const VISIBLE_TIMEOUT_MS = 2_000;

/**
 * A handler that lets the controller answer (KIP-590), in the versions of the controller's own handler. The
 * request goes inside an Envelope that names the client's principal and address, since the controller is who
 * authorizes it. With `visible` the answer waits until this broker knows of the change: kafkajs makes a
 * topic, asks the same broker for its leaders at once, and takes "unknown topic" for the end.
 */
export function forwarded<Req extends Fields, Res extends Fields>(
  api: Api<Req, Res>,
  { versions, operations }: HandlerCard,
  visible?: (request: Decoded<Req>, answer: Decoded<Res>) => IsVisible,
): Handler<BrokerContext> {
  return handle(api, { versions, operations }, async (context: BrokerContext, request, info) => {
    // What was decoded has every field that encoding asks for.
    const answer = await forward(context, api, request as Encodable<Req>, info);
    if (visible)
      await context.imageWaiters.until(visible(request as Decoded<Req>, answer), VISIBLE_TIMEOUT_MS);
    if ('throttleTimeMs' in answer && Number(answer.throttleTimeMs) > 0)
      info.mute(Number(answer.throttleTimeMs));
    return answer as never;
  });
}

/**
 * Sends a request to the controller in the name of a client, in the client's version. For a peer the broker
 * vouches: its request goes in the broker's own name, which is above ACLs as the peer is.
 */
export async function forward<Req extends Fields, Res extends Fields>(
  context: BrokerContext,
  api: Api<Req, Res>,
  request: Encodable<Req>,
  info: ForwardedClient,
): Promise<Decoded<Res>> {
  const writer = new Writer();
  encodeRequestHeader(writer, api, info.apiVersion, info.correlationId, info.clientId);
  api.request(info.apiVersion).encode(writer, request);
  const requestData = writer.done();
  const principal = info.isPeer ? `${BROKER_PRINCIPAL_TYPE}:${context.brokerId}` : info.principal;
  const colon = principal.indexOf(':');
  const deadline = context.world.clock.monotonic() + FORWARD_TIMEOUT_MS;
  const ask = () =>
    context.controller.send(envelope, {
      requestData,
      requestPrincipal: encodePrincipal({
        type: principal.slice(0, colon),
        name: principal.slice(colon + 1),
        tokenAuthenticated: false,
        iamRights: info.iam ? rightsText(info.iam, context.iamDirectory()) : null,
      }),
      clientHostAddress: addressBytes(info.clientHost),
    });
  let answer = await ask();
  // It has just started, or its log failed and it leads anew in a moment.
  while (answer.errorCode === errorCode('NOT_CONTROLLER') && context.world.clock.monotonic() < deadline) {
    await sleep(context.world.clock, RETRY_MS);
    answer = await ask();
  }
  if (answer.errorCode !== 0 || answer.responseData === null)
    throw new Error(`the controller refused ${api.name}: ${errorName(answer.errorCode)}`);
  const reader = new Reader(answer.responseData);
  decodeResponseHeader(reader, api, info.apiVersion);
  return api.response(info.apiVersion).decode(reader);
}

/** An address as the raw bytes that Kafka sends: 4 for IPv4, 16 for IPv6. */
function addressBytes(host: string): Buffer {
  const v4 = host.startsWith('::ffff:') ? host.slice(7) : host;
  const parts = v4.split('.');
  if (parts.length === 4) return Buffer.from(parts.map(Number));
  const [head = '', tail] = host.split('%', 1)[0]?.split('::') ?? [];
  const groups = (text: string) =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
  const front = groups(head);
  const back = tail === undefined ? [] : groups(tail);
  const all = [...front, ...new Array<number>(Math.max(0, 8 - front.length - back.length)).fill(0), ...back];
  return Buffer.from(all.slice(0, 8).flatMap((group) => [group >> 8, group & 0xff]));
}
