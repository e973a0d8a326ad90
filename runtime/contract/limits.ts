/** Largest message of a Service Bus standard namespace, in bytes; a laptop keeps to it so that what runs there runs in the cloud. https://learn.microsoft.com/azure/service-bus-messaging/service-bus-quotas */
export const maxMessageBytes = 256 * 1024;

/** Kept free in a message for its header and properties, in bytes. A message's properties may take 64 KB in all; Ion's own stay far below. */
export const messageOverheadBytes = 16 * 1024;

/** Largest event, serialised, in bytes. */
export const maxEventBytes = maxMessageBytes - messageOverheadBytes;

/** Operations in one Cosmos DB transactional batch. https://learn.microsoft.com/azure/cosmos-db/concepts-limits */
export const maxBatchOperations = 100;

/** Bytes of one Cosmos DB transactional batch. Same source. */
export const maxBatchBytes = 2 * 1024 * 1024;

/** Bytes of one Cosmos DB document. Same source. */
export const maxDocumentBytes = 2 * 1024 * 1024;

/** Module names become Deployment, subscription and label names with a suffix; RFC 1123 labels end at 63 characters. */
export const maxModuleNameLength = 40;

/** A Service Bus subscription or rule name ends at 50 characters; so does an event type, which names a topic. */
export const maxEventTypeLength = 50;

/** Longest path of a file inside a workspace, in UTF-8 bytes: a blob's name ends at 1,024 characters and carries three ids before the path. https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata */
export const maxFilePathBytes = 800;

/** What a module may leave in `out/` unless its declaration says otherwise. */
export const defaultOutputLimits = { bytes: 64 * 2 ** 30, files: 20_000, events: 20_000 } as const;

/** Subscriptions of one Service Bus topic. Same source as for messages. */
export const maxSubscriptionsPerTopic = 2_000;

/** Receive requests at once on one Service Bus subscription: executions of one module cannot be more. Same source. */
export const maxExecutionsPerModule = 5_000;

/** Data of one ConfigMap, in bytes: a module's declaration travels in one. https://kubernetes.io/docs/concepts/configuration/configmap/ */
export const maxConfigMapBytes = 1024 * 1024;

/** One argument or variable of a program, in bytes, its ending zero not counted (MAX_ARG_STRLEN). https://man7.org/linux/man-pages/man2/execve.2.html */
export const maxArgumentBytes = 128 * 1024 - 1;

/** Longest attempt, in seconds: Batch deletes the files of a task after 7 days, and nodes of a cluster are replaced about as often. https://learn.microsoft.com/azure/batch/best-practices */
export const maxTimeoutSeconds = 7 * 24 * 3_600;

/** Exit codes end at 255. https://man7.org/linux/man-pages/man3/exit.3.html */
export const maxExitCode = 255;

/** Priorities of Batch jobs go from the negative to this. https://learn.microsoft.com/rest/api/batchservice/jobs/create-job */
export const maxBatchPriority = 1_000;

/** Names of Kubernetes objects that become labels. https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ */
export const maxKubernetesNameLength = 63;
