// Prints the instances of a service as the official client of Nacos finds them: `java NacosReader.java host:port service`.
import com.alibaba.nacos.api.NacosFactory;
import com.alibaba.nacos.api.PropertyKeyConst;
import com.alibaba.nacos.api.naming.NamingService;
import com.alibaba.nacos.api.naming.pojo.Instance;
import java.util.List;
import java.util.Properties;

public class NacosReader {
	public static void main(String[] args) throws Exception {
		Properties properties = new Properties();
		properties.put(PropertyKeyConst.SERVER_ADDR, args[0]);
		properties.put(PropertyKeyConst.NAMESPACE, "public");
		NamingService naming = NacosFactory.createNamingService(properties);
		List<Instance> instances = naming.getAllInstances(args[1], false);
		StringBuilder text = new StringBuilder();
		for (Instance instance : instances) {
			text.append(instance.getIp()).append(':').append(instance.getPort());
			text.append(" healthy=").append(instance.isHealthy());
			text.append(" weight=").append(instance.getWeight()).append('\n');
		}
		System.out.println(instances.isEmpty() ? "no instance" : text.toString().trim());
		naming.shutDown();
		System.exit(0);
	}
}
