package org.apache.kafka.connect.cli;

/** Stands for Kafka Connect where a request is under way, for whose thread Jetty waits when the worker is to stop. */
public final class ConnectDistributed {
  public static void main(String[] args) throws InterruptedException {
    // As Jetty names the threads of its pool.
    Thread request = new Thread(ConnectDistributed::work, "qtp1734161410-35");
    request.start();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> join(request)));
    System.out.println("serves");
    request.join();
  }

  private static void work() {
    try {
      Thread.sleep(Long.MAX_VALUE);
    } catch (InterruptedException end) {
      System.out.println("interrupted");
    }
  }

  private static void join(Thread request) {
    try {
      request.join();
    } catch (InterruptedException never) {
      throw new IllegalStateException(never);
    }
  }
}
