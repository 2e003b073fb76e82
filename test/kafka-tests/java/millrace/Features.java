package millrace;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.FeatureUpdate;
import org.apache.kafka.clients.admin.FinalizedVersionRange;
import org.apache.kafka.clients.admin.UpdateFeaturesOptions;

/** Levels of features that a test asks for; without being asked a cluster has the newest that there are. */
final class Features {
    private Features() {
    }

    /** Brings a cluster that serves to these levels. */
    static void set(Nodes nodes, Map<String, Short> wanted) {
        if (wanted.isEmpty()) return;
        try (Admin admin = Admin.create(nodes.asSuperUser())) {
            Map<String, FinalizedVersionRange> there =
                admin.describeFeatures().featureMetadata().get().finalizedFeatures();
            Map<String, FeatureUpdate> updates = new HashMap<>();
            wanted.forEach((name, level) -> {
                int now = there.containsKey(name) ? there.get(name).maxVersionLevel() : 0;
                if (level != now) updates.put(name, new FeatureUpdate(level, level > now
                    ? FeatureUpdate.UpgradeType.UPGRADE : FeatureUpdate.UpgradeType.UNSAFE_DOWNGRADE));
            });
            if (!updates.isEmpty()) admin.updateFeatures(updates, new UpdateFeaturesOptions()).all().get();
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException("The features " + wanted + " could not be set", e);
        }
    }
}
