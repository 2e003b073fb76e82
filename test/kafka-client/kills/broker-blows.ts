/** A cluster whose brokers can be killed. */
interface Brokers {
  kill(brokerId: number): Promise<void>;
  restart(brokerId: number): Promise<void>;
}

/** Kills one of three brokers after the other, each with SIGKILL, and starts it again. */
export function brokerBlows(cluster: Brokers): () => Promise<void> {
  let last = 0;
  return async () => {
    last = (last % 3) + 1;
    await cluster.kill(last);
    await cluster.restart(last);
  };
}
