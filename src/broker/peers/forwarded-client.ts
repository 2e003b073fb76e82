import type { RequestInfo } from '../../server/handler.ts';

/** In whose name, and in which version, a request is sent to the controller. */
export type ForwardedClient = Pick<
  RequestInfo,
  'apiVersion' | 'correlationId' | 'clientId' | 'principal' | 'iam' | 'clientHost' | 'isPeer'
>;
