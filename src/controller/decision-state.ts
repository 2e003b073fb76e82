import type { ClusterImage } from '../metadata/image.ts';
import type { ConfigRules } from './config-rules.ts';

/**
 * What a decision reads: the state with everything that was appended, committed or not, and what configs
 * mean.
 */
export interface DecisionState {
  readonly image: ClusterImage;
  readonly rules: ConfigRules;
}
