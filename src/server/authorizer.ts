import type { AclOperation, ResourceType } from '../security/acl/acl.ts';
import type { IamDirectory, IamIdentity } from '../security/iam/directory.ts';

/** The type of a broker's own principal in an Envelope. A client's is `User`, whatever it is called. */
export const BROKER_PRINCIPAL_TYPE = 'Broker';

/** An operation on resources of a type: what a handler's card says that the handler asks for. */
export type Right = `${ResourceType}:${AclOperation}`;

/** Whether the caller of the request may do this. A handler can ask only for the rights of its card. */
export type Authorize<Rights extends Right> = [Right] extends [Rights]
  ? (operation: AclOperation, resourceType: ResourceType, name: string) => boolean
  : (
      ...asked: Rights extends `${infer Type}:${infer Asked}`
        ? [operation: Asked, resourceType: Type, name: string]
        : never
    ) => boolean;

/** Whether the caller of the request may do this with at least one resource of the type (KIP-679). */
export type AuthorizeSome<Rights extends Right> = [Right] extends [Rights]
  ? (operation: AclOperation, resourceType: ResourceType) => boolean
  : (
      ...asked: Rights extends `${infer Type}:${infer Asked}` ? [operation: Asked, resourceType: Type] : never
    ) => boolean;

/** Who is asking, and from where. */
export interface Caller {
  /** `User:name`, as in ACLs. */
  readonly principal: string;
  /** An IP address, as Java writes it. */
  readonly clientHost: string;
  /**
   * A broker, the controller or the control plane of this cluster: it is above ACLs. The listener says so,
   * never a name.
   */
  readonly isPeer: boolean;
  /** What was proved of a client that signed in by IAM; ACLs say nothing about it. */
  readonly iam?: IamIdentity | null;
  /** In a request that a broker brings for such a client: what the broker knows of its rights. */
  readonly iamDirectory?: IamDirectory | null;
}

export interface Authorizer {
  /** A request is refused, at least in part, where this is false: that may be logged. */
  authorize(caller: Caller, operation: AclOperation, resourceType: ResourceType, name: string): boolean;
  /**
   * The same for a question whose No refuses nothing: what a list shows, or whether another right is asked
   * for.
   */
  allows(caller: Caller, operation: AclOperation, resourceType: ResourceType, name: string): boolean;
  /** As `allows`, for at least one resource of the type. */
  authorizeSome(caller: Caller, operation: AclOperation, resourceType: ResourceType): boolean;
}

/** What a cluster without an authorizer does. */
export const allowAll: Authorizer = {
  authorize: () => true,
  allows: () => true,
  authorizeSome: () => true,
};
