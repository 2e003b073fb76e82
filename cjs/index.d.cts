export type * from '../dist/index.js' with { 'resolution-mode': 'import' };
export declare const startCluster: typeof import('../dist/index.js', { with: {
  'resolution-mode': 'import',
}}).startCluster;
