package millrace;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Map;
import org.mockito.Mockito;

/**
 * Stands for one of the objects that Apache Kafka's broker consists of. What a cluster of Millrace can answer
 * in its place is given by the method's name; everything else throws.
 */
public final class InMemory implements InvocationHandler {
    /** Answers one call; `args` is empty where the method takes none. */
    public interface Answer {
        Object to(Object[] args) throws Throwable;
    }

    private final Class<?> type;
    private final Map<String, Answer> answers;

    private InMemory(Class<?> type, Map<String, Answer> answers) {
        this.type = type;
        this.answers = answers;
    }

    public static <T> T object(Class<T> type, Map<String, Answer> answers) {
        InMemory calls = new InMemory(type, answers);
        if (!type.isInterface())
            return Mockito.mock(type, call -> calls.invoke(call.getMock(), call.getMethod(), call.getArguments()));
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, calls));
    }

    @Override
    public Object invoke(Object proxy, Method method, Object[] args) throws Throwable {
        Answer answer = answers.get(method.getName());
        if (answer != null) return answer.to(args == null ? new Object[0] : args);
        return switch (method.getName()) {
            case "hashCode" -> System.identityHashCode(proxy);
            case "equals" -> proxy == args[0];
            case "toString" -> type.getSimpleName();
            default -> throw new OutOfReach(type.getSimpleName() + "." + method.getName());
        };
    }
}
