import { type Data, data, type MessageCodec } from './data.ts';
import type { Decoded, Encodable, Fields } from './field.ts';

/** One request and its response, in all their versions. */
export interface Api<Req extends Fields, Res extends Fields> {
  readonly name: string;
  readonly key: number;
  readonly versions: readonly [number, number];
  readonly flexible: number;
  /** Versions that Kafka defines but does not offer yet: decoded if asked for, never advertised. */
  readonly unstable: readonly number[];
  readonly definition: { readonly request: Data<Req>; readonly response: Data<Res> };
  request(version: number): MessageCodec<Decoded<Req>, Encodable<Req>>;
  response(version: number): MessageCodec<Decoded<Res>, Encodable<Res>>;
}

/** An API of which only the wire matters. */
export interface AnyApi {
  readonly name: string;
  readonly key: number;
  readonly versions: readonly [number, number];
  readonly flexible: number;
  readonly unstable: readonly number[];
  readonly definition: { readonly request: Data<Fields>; readonly response: Data<Fields> };
  request(version: number): MessageCodec<unknown, unknown>;
  response(version: number): MessageCodec<unknown, unknown>;
}

type RequestFields<A> = A extends { readonly definition: { readonly request: Data<infer F> } } ? F : never;
type ResponseFields<A> = A extends { readonly definition: { readonly response: Data<infer F> } } ? F : never;

/** The request as a server gets it. */
export type RequestOf<A> = Decoded<RequestFields<A>>;
/** The response as a server gives it. */
export type ResponseOf<A> = Encodable<ResponseFields<A>>;
/** The request as a client gives it. */
export type EncodableRequest<A> = Encodable<RequestFields<A>>;
/** The response as a client gets it. */
export type DecodedResponse<A> = Decoded<ResponseFields<A>>;

export function api<const Req extends Fields, const Res extends Fields>(definition: {
  readonly name: string;
  readonly key: number;
  readonly versions: readonly [number, number];
  readonly flexible?: number;
  readonly unstable?: readonly number[];
  readonly request: Req;
  readonly response: Res;
}): Api<Req, Res> {
  const { name, key, versions, flexible, unstable = [] } = definition;
  const request = data({ name: `${name}Request`, versions, flexible, fields: definition.request });
  const response = data({ name: `${name}Response`, versions, flexible, fields: definition.response });
  return {
    name,
    key,
    versions,
    flexible: request.flexible,
    unstable,
    definition: { request, response },
    request: request.at,
    response: response.at,
  };
}
