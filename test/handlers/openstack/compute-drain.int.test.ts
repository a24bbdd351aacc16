import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeOpenStack, type ServerSteps } from '../../support/openstack/fake-openstack.ts';
import { compute, type Json, server } from '../../support/openstack/openstack-things.ts';
import { StepUnderTest, type StepResult } from '../../support/steps/step.ts';

let cloud: FakeOpenStack;
beforeEach(async () => {
  cloud = await new FakeOpenStack().start();
  cloud.computes = [compute('cmp1'), compute('cmp2')];
  cloud.servers = [server('vm1'), server('elsewhere', host('cmp2'))];
});
afterEach(async () => cloud.stop());

// As nova of Zed has it: the error itself is not in it.
const noHost = `  File "/usr/lib/python3/dist-packages/nova/scheduler/rpcapi.py", line 160, in select_destinations
    return cctxt.call(ctxt, 'select_destinations', **msg_args)
           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "/usr/lib/python3/dist-packages/oslo_messaging/_drivers/amqpdriver.py", line 681, in _send
    raise result
`;

/** Nova looks in vain for a host, says so of the migration, and a little later of the action. */
function nowhere({ id }: Json): ServerSteps {
  const moved = String(id);
  const failed = (message: string | null) => ({
    action: 'live-migration',
    message,
    request_id: 'req-1',
    events: [
      {
        event: 'conductor_live_migrate_instance',
        result: 'Error',
        traceback: noHost,
        details: 'No valid host was found. There are not enough hosts available.',
      },
    ],
  });
  cloud.actions[moved] = [failed(null)];
  cloud.migrations.push({ id: 7, instance_uuid: id, status: 'error', source_compute: 'cmp1' });
  let looks = 0;
  cloud.instead = ({ path }) => {
    if (path.endsWith('/os-migrations') && (looks += 1) > 2)
      cloud.actions[moved] = [failed('Error')];
    return undefined;
  };
  return [
    { status: 'MIGRATING', ...task('migrating') },
    { status: 'ACTIVE', ...task(null) },
  ];
}

const host = (name: string) => ({ 'OS-EXT-SRV-ATTR:host': name });
const task = (name: string | null) => ({ 'OS-EXT-STS:task_state': name });

const migrating = { status: 'MIGRATING', ...task('migrating') };
const arrived = { status: 'ACTIVE', ...host('cmp2'), ...task(null) };

describe('compute-drain', () => {
  it('disables a host, moves its servers live or cold, and lets it have servers again on rollback', async () => {
    cloud.servers.push(server('vm2', { status: 'SHUTOFF' }), server('vm3', { status: 'PAUSED' }));
    cloud.pageSize = 1;
    cloud.onAction = {
      'os-migrateLive': ({ status }) => [migrating, migrating, { ...arrived, status }],
      migrate: () => [
        { status: 'RESIZE', ...task('resize_migrating') },
        { status: 'VERIFY_RESIZE', ...host('cmp2'), ...task(null) },
      ],
      confirmResize: () => [
        { status: 'VERIFY_RESIZE', ...task('deleting') },
        { status: 'SHUTOFF', ...task(null) },
      ],
    };
    const step = drain({ mode: 'live' });

    const ran = await applied(step);

    expect(ran).toMatchObject({ isOk: true, stderr: '' });
    expect(ran.stdout.replaceAll(/after \d+ s/g, 'after N s').split('\n')).toEqual([
      'nova-compute on cmp1: disabled (Hopscotch: upgrade of this host)',
      'server vm1: ACTIVE, live migration',
      'server vm1: ACTIVE on cmp2 after N s',
      'server vm2: SHUTOFF, cold migration',
      'server vm2: SHUTOFF on cmp2 after N s',
      'server vm3: PAUSED, live migration',
      'server vm3: PAUSED on cmp2 after N s',
      'no server is left on cmp1 after N s',
      '',
    ]);
    expect(cloud.said('POST', /vm1\/action$/)[0]?.body).toEqual({
      'os-migrateLive': { host: null, block_migration: 'auto' },
    });
    expect(await step.isDone()).toBe(true);

    expect(await step.undo()).toMatchObject({
      isOk: true,
      stdout: 'nova-compute on cmp1: enabled\n',
    });
    expect(cloud.computes[0]).toMatchObject({ status: 'enabled', disabled_reason: null });
    expect(await step.isRestored()).toBe(true);
    expect(cloud.computes[1]).toMatchObject({ status: 'enabled' });
  });

  it('lets those stay that nova finds no host for, where that is known beforehand', async () => {
    cloud.servers.push(server('vm2'));
    cloud.onAction['os-migrateLive'] = (one) => (one['name'] === 'vm2' ? [arrived] : nowhere(one));
    const step = drain({ mode: 'live', nowhere: 'zone b has no other compute' });

    const ran = await applied(step);

    expect(ran).toMatchObject({ isOk: true, stderr: '' });
    expect(ran.stdout).toMatch(
      /server vm1: stays, as zone b has no other compute\n[^]*server vm2: ACTIVE on cmp2 after[^]*\n1 servers stay on cmp1 after/,
    );
    expect(await step.isDone()).toBe(true);
  });

  it('names the servers that have nowhere to go, and why, and moves the others', async () => {
    cloud.servers.push(server('vm2'), server('vm3', { status: 'SUSPENDED' }));
    cloud.onAction['os-migrateLive'] = (one) => (one['name'] === 'vm2' ? [arrived] : nowhere(one));
    const step = drain({ mode: 'live' });

    const ran = await applied(step);

    expect(ran).toMatchObject({
      isOk: false,
      exit: 1,
      stderr:
        'compute-drain: 2 servers are left on cmp1: vm1 (ACTIVE), vm3 (SUSPENDED); ' +
        'vm1: the live migration did not happen: live-migration: Error: No valid host was found. There are not enough hosts available.; ' +
        'vm3: it is SUSPENDED, and nova moves such a server nowhere\n',
    });
    expect(ran.stdout).toMatch(/server vm2: ACTIVE on cmp2 after/);
    expect(await step.undo()).toMatchObject({ isOk: true });
    expect(cloud.computes[0]).toMatchObject({ status: 'enabled' });
  });

  it('tells from the traceback why a nova before Ussuri did not move a server', async () => {
    cloud.newest = 79;
    cloud.onAction['os-migrateLive'] = nowhere;

    expect(await applied(drain({ mode: 'live' }))).toMatchObject({
      isOk: false,
      stderr: expect.stringContaining(
        'vm1: the live migration did not happen: live-migration: Error: the scheduler named no host that would take it\n',
      ),
    });
  });

  it('tells of a migration that ended as error, and of a server that broke', async () => {
    cloud.servers.push(server('vm2'));
    cloud.onAction['os-migrateLive'] = ({ name, id }) => {
      if (name === 'vm2')
        return [migrating, { status: 'ERROR', fault: { message: 'disk is gone' } }];
      cloud.migrations.push({ id: 7, instance_uuid: id, status: 'error', source_compute: 'cmp1' });
      return [{ status: 'ACTIVE', ...task(null) }];
    };

    expect(await applied(drain({ mode: 'live' }))).toMatchObject({
      isOk: false,
      stderr: expect.stringMatching(
        /vm1: the live migration did not happen: migration 7 ended as error; vm2: the live migration ended as ERROR: disk is gone/,
      ),
    });
  });

  it('says what nova answers to a migration that it refuses', async () => {
    const message = "Cannot 'os-migrateLive' instance while it is locked";
    cloud.onAction['os-migrateLive'] = () => ({
      status: 409,
      body: { conflictingRequest: { code: 409, message } },
    });

    expect(await applied(drain({ mode: 'live' }))).toMatchObject({
      isOk: false,
      stderr: expect.stringContaining(`HTTP 409 ${message}`),
    });
  });

  it('waits no longer than it may, and says for what', async () => {
    cloud.onAction['os-migrateLive'] = () => [migrating];

    expect(await applied(drain({ mode: 'live', timeout: 1 }))).toMatchObject({
      isOk: false,
      stderr: expect.stringMatching(
        /after 1 s it still waits for server vm1 to leave cmp1: it is MIGRATING \(migrating\)/,
      ),
    });
  });

  it('begins nothing on a host that is down with servers on it, and disables one that is down without', async () => {
    Object.assign(cloud.computes[0] ?? {}, { state: 'down' });

    expect(await applied(drain({ mode: 'cold', timeout: 1 }))).toMatchObject({
      isOk: false,
      stderr: expect.stringMatching(
        /after 1 s it still waits for nova-compute on cmp1 to be up, as none else moves its servers: last heard of at 2026/,
      ),
    });
    expect(cloud.computes[0]).toMatchObject({ status: 'enabled' });
    expect(cloud.said('POST', /action$/)).toEqual([]);

    cloud.servers = [];
    expect(await applied(drain({ mode: 'cold' }))).toMatchObject({ isOk: true });
    expect(cloud.computes[0]).toMatchObject({ status: 'disabled' });
  });

  it('moves all cold where that is asked for', async () => {
    cloud.onAction = {
      migrate: () => [{ status: 'VERIFY_RESIZE', ...host('cmp2'), ...task(null) }],
      confirmResize: () => [{ status: 'ACTIVE' }],
    };

    expect(await applied(drain({ mode: 'cold' }))).toMatchObject({
      isOk: true,
      stdout: expect.stringMatching(/vm1: ACTIVE, cold migration\n.*vm1: ACTIVE on cmp2/),
    });
  });

  it('keeps new servers away and lets those that are there stay, with a reason', async () => {
    const step = drain({ mode: 'skip', reason: 'libvirt keeps them running' });

    expect(await applied(step)).toMatchObject({
      isOk: true,
      stdout:
        'nova-compute on cmp1: disabled (Hopscotch: libvirt keeps them running)\n1 servers stay on cmp1: vm1\n',
    });
    expect(await step.isDone()).toBe(true);
    expect(cloud.said('POST', /action$/)).toEqual([]);
  });

  it('leaves a host disabled that somebody had disabled, on both ways', async () => {
    Object.assign(cloud.computes[0] ?? {}, { status: 'disabled', disabled_reason: 'broken disk' });
    const step = drain({ mode: 'skip', reason: 'x' });
    expect(await step.apply()).toBe('unchanged');
    expect(await step.undoCommands()).toEqual([]);

    const again = drain({ state: 'enabled' });
    expect(await applied(again)).toMatchObject({
      isOk: true,
      stdout: expect.stringMatching(
        /up after \d+ s\nit stays disabled, as somebody left it: broken disk\n/,
      ),
    });
    expect(await again.after()).toMatchObject({ undo: [], isRestored: true });
    expect(cloud.said('PUT', /./)).toEqual([]);
  });

  it('takes for done what nova did without an answer, and waits until placement accepts servers for the host', async () => {
    cloud.servers = [];
    cloud.instead = (asked) => {
      if (asked.method !== 'PUT') return undefined;
      Object.assign(cloud.computes[0] ?? {}, { disabled_reason: null, ...asked.body });
      return { status: 504 };
    };
    const step = drain({ mode: 'live' });
    expect(await applied(step)).toMatchObject({
      isOk: true,
      stdout: expect.stringMatching(/^nova did it, and did not answer: PUT compute .*HTTP 504/),
    });
    cloud.traits['cmp1'] = ['HW_CPU_X86_AVX', 'COMPUTE_STATUS_DISABLED'];
    const { instead } = cloud;
    let looks = 0;
    cloud.instead = (asked) => {
      if (asked.path.endsWith('/traits') && (looks += 1) > 2) cloud.traits['cmp1'] = [];
      return instead(asked);
    };

    expect(await step.undo()).toMatchObject({ isOk: true });
    expect(looks).toBe(3);
    expect(await step.isRestored()).toBe(true);
  });

  it('does not take for done what nova did not do', async () => {
    cloud.instead = ({ method }) => (method === 'PUT' ? { status: 504 } : undefined);

    expect(await applied(drain({ mode: 'live' }))).toMatchObject({
      isOk: false,
      stderr: expect.stringMatching(/^compute-drain: PUT compute .*HTTP 504/),
    });
    expect(cloud.said('POST', /action$/)).toEqual([]);
  });
});

const drain = (rest: object): StepUnderTest =>
  new StepUnderTest('compute-drain', { openrc: cloud.openrc, host: 'cmp1', ...rest });

async function applied(step: StepUnderTest): Promise<StepResult> {
  const ran = await step.apply();
  if (ran === 'unchanged') throw new Error('it did nothing');
  return ran;
}
