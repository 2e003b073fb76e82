import { errorCode } from '../../protocol/errors.ts';
import { controllerRegistration } from '../../protocol/messages/70-controller-registration.ts';
import { handle } from '../../server/handler.ts';
import { type ControllerContext, NOT_CONTROLLER } from '../context.ts';
import { registerController } from '../controllers-control.ts';

/** ControllerRegistration v0: where a controller is and what it can (KIP-919). */
export const controllerRegistrationHandler = handle(
  controllerRegistration,
  {
    versions: [0, 0],
    operations: ['CLUSTER:CLUSTER_ACTION'],
    listeners: ['controller'],
    claims: ({ controllerId }) => controllerId,
  },
  async (context: ControllerContext, request) => {
    const answer = await context.command(({ image }) => registerController(image, request));
    const error = answer === NOT_CONTROLLER ? 'NOT_CONTROLLER' : 'NONE';
    return { throttleTimeMs: 0, errorCode: errorCode(error), errorMessage: null };
  },
);
