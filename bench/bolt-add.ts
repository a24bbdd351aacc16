import { App } from '@slack/bolt';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';

// The reference for acks: Bolt in Socket Mode, which adds one job to a queue before it acknowledges, and does nothing else.
const { SLACK_BOT_TOKEN = '', SLACK_APP_TOKEN = '', SLACK_API_URL = '', REDIS = '' } = process.env;
const queue = new Queue('reference', {
  connection: new Redis(REDIS, { maxRetriesPerRequest: null }),
});
const app = new App({
  token: SLACK_BOT_TOKEN,
  appToken: SLACK_APP_TOKEN,
  socketMode: true,
  clientOptions: { slackApiUrl: SLACK_API_URL },
});
app.command('/upgrade', async ({ ack, command }) => {
  await queue.add('press', { text: command.text }, { removeOnComplete: true });
  await ack();
});
await app.start();
process.stdout.write('ready\n');
process.on('SIGTERM', () => process.exit(0));
