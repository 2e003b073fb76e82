import { createServer, type Server, type Socket } from 'node:net';
import { type AddedBroker, KafkaTestCluster, type WantedCluster } from './kafka-test-cluster.ts';

/** What a test asks: one line of JSON each, as `java/millrace/ClusterServer.java` writes it. */
interface Question {
  readonly what: string;
  readonly with: Readonly<Record<string, unknown>>;
}

/** Runs the clusters of the tests of one JVM, which asks for them over a socket. */
export class ClusterServer {
  readonly port: number;
  readonly #server: Server;
  readonly #clusters: KafkaTestCluster[] = [];

  /** Resolves when it listens, on a free port of the loopback interface. */
  static async start(): Promise<ClusterServer> {
    const server = createServer();
    await new Promise<void>((done, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', done);
    });
    return new ClusterServer(server);
  }

  private constructor(server: Server) {
    const address = server.address();
    this.port = typeof address === 'object' && address ? address.port : 0;
    this.#server = server;
    server.on('connection', (socket) => this.#listen(socket));
  }

  /** Ends what tests left. */
  async stop(): Promise<void> {
    this.#server.close();
    for (const cluster of this.#clusters) await cluster.stop();
  }

  #listen(socket: Socket): void {
    let text = '';
    // The JVM may be ended at any time.
    socket.on('error', () => socket.destroy());
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (!text.endsWith('\n')) return;
      const question: Question = JSON.parse(text);
      this.#answer(question).then(
        (answer) => socket.end(`${JSON.stringify(answer)}\n`),
        (error: unknown) => socket.end(`${JSON.stringify({ error: String(error) })}\n`),
      );
    });
  }

  async #answer({ what, with: given }: Question): Promise<unknown> {
    if (what === 'start') {
      const cluster = await KafkaTestCluster.start(given as unknown as WantedCluster);
      this.#clusters.push(cluster);
      return { cluster: this.#clusters.length - 1, ...cluster.description };
    }
    const cluster = this.#clusters[Number(given.cluster)];
    if (!cluster) throw new Error(`There is no cluster ${String(given.cluster)}.`);
    const broker = Number(given.broker);
    if (what === 'stop') await cluster.stop();
    else if (what === 'stopBroker') await cluster.nodes.stopBroker(broker);
    else if (what === 'addBroker') {
      const config = await cluster.add(given as unknown as AddedBroker);
      return { cluster: given.cluster, config, ...cluster.description };
    } else if (what === 'startBroker') {
      await cluster.nodes.restart(broker);
      return { cluster: given.cluster, ...cluster.description };
    } else if (what === 'appliedOffset') return { offset: cluster.appliedOffset(broker) };
    else if (what === 'log') return cluster.log(broker, String(given.topic), Number(given.partition));
    else if (what === 'isRunning') return { yes: cluster.nodes.isRunning(broker) };
    else if (what === 'isConsistent') return { yes: cluster.isConsistent };
    else if (what === 'death') return cluster.death ? { message: cluster.death.message } : {};
    else if (what === 'topic') return cluster.topic(broker, String(given.name));
    else throw new Error(`There is no question "${what}".`);
    return {};
  }
}
