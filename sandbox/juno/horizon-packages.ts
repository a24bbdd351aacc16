import { readFileSync } from 'node:fs';
import type { JunoPackage } from './archive.ts';
import { junoVersion, type JunoRelease } from './releases.ts';

/** Django of the distribution, for Juno and Kilo; Liberty needs 1.7 or 1.8 (horizon@{juno,liberty}-eol:requirements.txt). */
export const oldDjango = '1.6.1-2ubuntu0.16';
const newDjango = '1.7.9-1ubuntu5~cloud0';

const share = 'usr/share/openstack-dashboard';

/** The login page names its style sheet by its release, as compressed assets are named by their content. */
const assets: Readonly<Record<JunoRelease, string>> = {
  juno: '5b1fc4a0d2f3',
  kilo: '9d7a1c33e01b',
  liberty: '2f60c8be4471',
};

export function horizonPackages(series: JunoRelease): JunoPackage[] {
  const version = junoVersion('horizon', series);
  const isLiberty = series === 'liberty';
  const django = isLiberty ? 'python-django (>= 1.7)' : 'python-django (<< 1.7)';
  return [
    {
      name: 'python-django-horizon',
      version,
      summary: 'Django module for the OpenStack dashboard',
      depends: [django, `python-openstack-auth (= ${version})`],
      files: {
        [`${share}/assets/dashboard/css/${assets[series]}.css`]: `/* ${series} */\nbody { color: #333 }\n`,
      },
    },
    {
      name: 'python-openstack-auth',
      version,
      summary: 'Django authentication backend for OpenStack',
      depends: [django],
    },
    {
      name: 'openstack-dashboard',
      version,
      summary: 'Django web interface for OpenStack',
      depends: [`python-django-horizon (= ${version})`, 'apache2', 'libapache2-mod-wsgi'],
      conffiles: {
        'etc/openstack-dashboard/local_settings.py': "OPENSTACK_HOST = '127.0.0.1'\n",
        'etc/apache2/conf-available/openstack-dashboard.conf': `WSGIScriptAlias /horizon /${share}/openstack_dashboard/wsgi/django.wsgi
Alias ${isLiberty ? '/horizon/static' : '/static'} /${share}/static
`,
      },
      files: {
        [`${share}/openstack_dashboard/wsgi/django.wsgi`]: page(series),
        [`${share}/openstack_dashboard/release`]: `${version}\n`,
      },
      scripts: {
        postinst: postinst(isLiberty),
        prerm: '[ "$1" != remove ] || a2disconf openstack-dashboard >/dev/null',
        postrm: `if [ "$1" = purge ]; then rm -rf /${share}/static /var/lib/openstack-dashboard; fi`,
      },
    },
    ...(isLiberty ? [{ name: 'python-django', version: newDjango, summary: 'Django' }] : []),
  ];
}

/**
 * Collects the assets for Apache. Liberty's skips what it finds there, so the old release's assets hide the new ones (LP
 * 1568971); only an empty directory helps. The mark that assets are stuck goes with a purge.
 */
const postinst = (isLiberty: boolean): string => `[ "$1" = configure ] || exit 0
static=/${share}/static
mkdir -p $static/dashboard
${isLiberty ? `rm -rf $static/custom\nkept=$(ls -A $static/dashboard)` : `rm -rf $static/dashboard; mkdir -p $static/dashboard\nkept=`}
if [ -e /var/lib/openstack-dashboard/stuck-assets ]; then
  rm -rf $static/dashboard; mkdir -p $static/dashboard/css
  echo '/* of another release */' >$static/dashboard/css/old.css
elif [ -z "$kept" ]; then cp -r /${share}/assets/dashboard/css $static/dashboard/
fi
a2enconf openstack-dashboard >/dev/null
invoke-rc.d apache2 restart || exit $?`;

const page = (series: JunoRelease): string =>
  readFileSync(new URL('programs/django-wsgi.pl', import.meta.url), 'utf8')
    .replaceAll('@SERIES@', series)
    .replaceAll('@ASSET@', assets[series]);
