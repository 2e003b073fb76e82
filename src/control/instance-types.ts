/** Broker sizes of standard brokers: the name is checked and echoed, the machine is the same for all. */
const SIZES: { readonly [family: string]: readonly string[] } = {
  'kafka.t3': ['small'],
  'kafka.m5': ['large', 'xlarge', '2xlarge', '4xlarge', '8xlarge', '12xlarge', '16xlarge', '24xlarge'],
  'kafka.m7g': ['large', 'xlarge', '2xlarge', '4xlarge', '8xlarge', '12xlarge', '16xlarge'],
};

export const DEFAULT_INSTANCE_TYPE = 'kafka.m5.large';

export function isInstanceType(name: string): boolean {
  const at = name.lastIndexOf('.');
  return SIZES[name.slice(0, at)]?.includes(name.slice(at + 1)) ?? false;
}

/** ListNodes and operations drop the prefix. */
export function shortInstanceType(name: string): string {
  return name.replace(/^kafka\./, '');
}
