package millrace;

/**
 * The test needs what only Apache Kafka's own processes have. It is an Error, because tests try again after
 * an Exception, for as long as they have patience.
 */
public final class OutOfReach extends Error {
    private static final long serialVersionUID = 1;

    public OutOfReach(String what) {
        super("The test reaches into a process of Apache Kafka: " + what);
    }
}
