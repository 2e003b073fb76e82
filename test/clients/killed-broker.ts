import { brokerProcess, type Millrace } from '../support/millrace.ts';

/**
 * Kills a broker with SIGKILL, once, when the program prints `writing`, after which it writes for some
 * seconds. Every broker has a replica of the program's partition as leader or follower.
 */
export function killBrokerWhenWriting(millrace: Millrace, brokerId: number): (line: string) => void {
  let killed = false;
  return (line) => {
    if (killed || line !== 'writing') return;
    killed = true;
    const pid = brokerProcess(millrace.data, brokerId);
    if (pid === null) throw new Error(`broker ${brokerId} has no process`);
    process.kill(pid, 'SIGKILL');
  };
}
