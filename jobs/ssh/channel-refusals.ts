import { type SshRefusal, shownByHost } from './refusals.ts';

/** What ssh2 says of a channel that was not opened; the reason is that of RFC 4254, section 5.1. */
export interface RefusedChannel {
  readonly message: string;
  readonly reason?: number | string | undefined;
}

/** Why a bastion gave no way to a host, by the reason of SSH_MSG_CHANNEL_OPEN_FAILURE (RFC 4254, section 5.1). */
export function forwardRefusalOf(
  { message, reason }: RefusedChannel,
  { host, bastion }: { readonly host: string; readonly bastion: string },
): SshRefusal {
  const description = shownByHost(message.replace(/^\(SSH\) Channel open failure: ?/, ''));
  switch (reason ?? 2) {
    case 1:
      return {
        name: 'ForwardingRefused',
        says: `${bastion} forbids the way on from there ("${description}")`,
        hint: `Allow it on ${bastion}: AllowTcpForwarding yes and PermitOpen in its sshd_config, and no "restrict" or "no-port-forwarding" before the key in authorized_keys.`,
        disposition: 'stop',
      };
    case 3:
      return {
        name: 'ForwardingRefused',
        says: `${bastion} knows no way on from there ("${description}")`,
        hint: `Take a bastion whose sshd forwards connections.`,
        disposition: 'stop',
      };
    case 4:
      return {
        name: 'HostUnreachable',
        says: `${bastion} has no room for one more connection ("${description}")`,
        hint: `See how many connections ${bastion} keeps open. Nothing was started.`,
        disposition: 'retry',
      };
    default:
      return {
        name: 'HostUnreachable',
        says: `from ${bastion}: ${description}`,
        hint: `Check that ${host} is up, and that its address and port are right as seen from ${bastion}. Nothing was started.`,
        disposition: 'retry',
      };
  }
}

/** Why a host that let us in gives no channel for a command. Nothing began on it. */
export function sessionRefusalOf(
  { message, reason }: RefusedChannel,
  { host, user }: { readonly host: string; readonly user: string },
): SshRefusal {
  const description = shownByHost(message.replace(/^\(SSH\) Channel open failure: ?/, ''));
  if (reason === undefined)
    return {
      name: 'SessionRefused',
      says: `it lets ${user} in and starts no command ("${description}")`,
      hint: `See the log of sshd on ${host}: a full process table (ulimit -u) and no memory are the usual reasons. Nothing was started.`,
      disposition: 'retry',
    };
  if (reason === 4)
    return {
      name: 'SessionRefused',
      says: `it lets ${user} in and has no room for a command ("${description}")`,
      hint: `See what runs on ${host} over SSH. Nothing was started.`,
      disposition: 'retry',
    };
  return {
    name: 'SessionRefused',
    says: `it lets ${user} in and gives no session ("${description}")`,
    hint: `Allow sessions in sshd_config on ${host}: MaxSessions is 0 for ${user}, or the account is for forwarding alone.`,
    disposition: 'stop',
  };
}
