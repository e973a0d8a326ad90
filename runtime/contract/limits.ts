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

/** A Service Bus lock lasts at most this long before it must be renewed. https://learn.microsoft.com/azure/service-bus-messaging/service-bus-quotas */
export const maxLockSeconds = 300;

/** Module names become Deployment, subscription and label names with a suffix; RFC 1123 labels end at 63 characters. */
export const maxModuleNameLength = 40;

/** A Service Bus subscription or rule name ends at 50 characters; so does an event type, which names a topic. */
export const maxEventTypeLength = 50;

/** Longest path of a file inside a workspace, in UTF-8 bytes: a blob's name ends at 1,024 characters and carries three ids before the path. https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata */
export const maxFilePathBytes = 800;

/** What a module may leave in `out/` unless its declaration says otherwise. */
export const defaultOutputLimits = { bytes: 64 * 2 ** 30, files: 20_000, events: 20_000 } as const;
