import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';

const Manifest = z.strictObject({
  _metadata: z.strictObject({ major_version: z.literal(1), minor_version: z.literal(1) }),
  display_information: z.strictObject({
    name: z.string().min(1).max(35),
    description: z.string().max(140),
    background_color: z.string().regex(/^#[0-9a-f]{6}$/),
  }),
  features: z.strictObject({
    bot_user: z.strictObject({
      display_name: z
        .string()
        .max(80)
        .regex(/^[A-Za-z0-9_.-]+$/),
      always_online: z.boolean(),
    }),
    slash_commands: z
      .array(
        z.strictObject({
          command: z.string().max(32).startsWith('/'),
          description: z.string().max(2000),
          usage_hint: z.string().max(1000),
          should_escape: z.boolean(),
        }),
      )
      .max(50),
  }),
  oauth_config: z.strictObject({ scopes: z.strictObject({ bot: z.array(z.string()).max(255) }) }),
  settings: z.strictObject({
    interactivity: z.strictObject({ is_enabled: z.boolean() }),
    org_deploy_enabled: z.boolean(),
    socket_mode_enabled: z.boolean(),
    token_rotation_enabled: z.boolean(),
  }),
});

const text = await readFile(join(import.meta.dirname, '../../manifest.json'), 'utf8');
const manifest = Manifest.parse(JSON.parse(text));

describe('the Slack app manifest', () => {
  it('has one slash command, whose mentions arrive as ids', () => {
    expect(manifest.features.slash_commands).toEqual([
      expect.objectContaining({ command: '/upgrade', should_escape: true }),
    ]);
  });

  it('answers buttons, over Socket Mode and so without any URL', () => {
    expect(manifest.settings).toMatchObject({
      interactivity: { is_enabled: true },
      socket_mode_enabled: true,
    });
    expect(text).not.toMatch(/https?:/);
  });

  it('asks for the scopes that are used and no more', () => {
    expect(manifest.oauth_config.scopes.bot.toSorted()).toEqual([
      'channels:history',
      'channels:read',
      'chat:write',
      'commands',
      'files:write',
      'groups:history',
      'groups:read',
      'usergroups:read',
      'users:read',
    ]);
  });
});
