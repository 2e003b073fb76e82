import type { ClusterImage } from '../metadata/image.ts';
import type { ErrorName } from '../protocol/errors.ts';
import { checkBrokerEpoch } from './broker-epoch.ts';
import { answer, type ControllerDecision } from './decision.ts';

/** Kafka's block: a broker asks once in a thousand producers. */
const PRODUCER_ID_BLOCK = 1000;

export type ProducerIdBlock = { readonly first: number; readonly count: number };

/** Blocks rise and never return; what a broker did not use of its block when it died is lost, as in Kafka. */
export function allocateProducerIds(
  image: ClusterImage,
  request: { readonly brokerId: number; readonly brokerEpoch: number },
): ControllerDecision<ProducerIdBlock | { readonly error: ErrorName }> {
  const error = checkBrokerEpoch(image, request.brokerId, request.brokerEpoch);
  if (error) return answer({ error });
  const first = image.producerIds.nextProducerId;
  return {
    records: [
      {
        type: 'ProducerIdsRecord',
        brokerId: request.brokerId,
        brokerEpoch: request.brokerEpoch,
        nextProducerId: first + PRODUCER_ID_BLOCK,
      },
    ],
    answer: { first, count: PRODUCER_ID_BLOCK },
  };
}
