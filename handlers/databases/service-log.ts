import { OptionFilePath } from './mysql.ts';

export const ServiceLog = OptionFilePath.describe(
  'The log of the service, on the host. Where the step fails, its last errors since the step began are shown.',
);
