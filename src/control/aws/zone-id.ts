/**
 * AWS's id of the i-th zone of a region: `use1-az1` for us-east-1. Brokers have it as `broker.rack`, which is
 * what clients with `client.rack` compare.
 */
export function zoneId(region: string, zone: number): string {
  const [area = '', ...rest] = region.split('-');
  const number = rest.pop() ?? '';
  const middle = rest.map((word) => DIRECTIONS[word] ?? word.slice(0, 1)).join('');
  return `${area}${middle}${number}-az${zone + 1}`;
}

const DIRECTIONS: { readonly [word: string]: string } = {
  northeast: 'ne',
  northwest: 'nw',
  southeast: 'se',
  southwest: 'sw',
};
