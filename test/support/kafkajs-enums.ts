import kafkajs from 'kafkajs';

/** The enums of kafkajs, which only its types export by name: Node finds them in its default export. */
export const {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  ConfigResourceTypes,
  ResourcePatternTypes,
} = kafkajs;
