#!/usr/bin/env bash
# Serves DokuWiki from Debian's packages with PHP's own server: the portal that nobody can change, for the browser's journey.
#
#   dokuwiki.sh DIR PORT
#
# Everything that it writes lies below DIR: a copy of the configuration and a data folder of its own. The installed wiki is
# neither changed nor shown. It becomes the server (exec), so whoever starts it in a process group of its own ends it there:
# PHP's master does not take its workers with it.
set -euo pipefail

[[ $# -eq 2 ]] || { echo "usage: dokuwiki.sh DIR PORT" >&2; exit 2; }
mkdir -p "$1"
dir=$(cd "$1" && pwd)
port=$2
code=/usr/share/dokuwiki
installed=/etc/dokuwiki
[[ -f $code/doku.php && -d $installed ]] || { echo "dokuwiki.sh: the package dokuwiki is not installed" >&2; exit 1; }

# The configuration: Debian's files, without its links into the installed wiki's accounts, and without its local settings.
mkdir -p "$dir/conf"
find "$installed" -maxdepth 1 -type f -readable ! -name local.php -exec cp -t "$dir/conf" {} +
cat >"$dir/conf/local.php" <<PHP
<?php
\$conf['title'] = 'Team wiki';
\$conf['license'] = 'cc-by-sa';
\$conf['useacl'] = 0;          // whoever is let through by the gate may read and write
\$conf['canonical'] = 0;       // links without host and scheme stay on the gate
\$conf['savedir'] = '$dir/data';
\$conf['updatecheck'] = 0;
\$conf['allowdebug'] = 0;
PHP

# The data folder: its own, because the installed one belongs to the web server's user.
mkdir -p "$dir"/data/{attic,cache,index,locks,log,media/wiki,media_attic,media_meta,meta,pages/wiki,tmp}
cp "$code/lib/tpl/dokuwiki/images/logo.png" "$dir/data/media/wiki/logo.png"
cat >"$dir/data/pages/start.txt" <<'WIKI'
====== Team wiki ======

Welcome to the wiki behind the gate.

{{wiki:logo.png?64|The wiki's logo}}

  * [[notes|Notes of the team]]
  * [[wiki:rules|House rules]]
WIKI
cat >"$dir/data/pages/wiki/rules.txt" <<'WIKI'
====== House rules ======

Write it down.
WIKI

# Read before each script. The name that the gate hands over becomes the wiki's REMOTE_USER, as a web server in front of it
# would do; with it, DokuWiki asks for its own form token at each save.
cat >"$dir/prepend.php" <<PHP
<?php
define('DOKU_CONF', '$dir/conf/');
define('DOKU_MAIN_CONF', '$dir/conf');
if (!empty(\$_SERVER['HTTP_X_FORWARDED_USER'])) {
    \$_SERVER['REMOTE_USER'] = \$_SERVER['HTTP_X_FORWARDED_USER'];
}
PHP

# What Debian's web server configuration keeps from visitors, and what PHP's server would hand out.
cat >"$dir/router.php" <<'PHP'
<?php
$path = rawurldecode(parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH) ?? '/');
if (preg_match('~^/(bin|inc|vendor|install\.php)(/|$)|/\.~', $path)) {
    http_response_code(404);
    return true;
}
if ($path === '/') {
    require $_SERVER['DOCUMENT_ROOT'] . '/index.php';
    return true;
}
return false;
PHP

export PHP_CLI_SERVER_WORKERS=4
exec php \
  -d auto_prepend_file="$dir/prepend.php" \
  -d session.save_path="$dir/data/tmp" \
  -d upload_tmp_dir="$dir/data/tmp" \
  -d opcache.enable_cli=0 \
  -d display_errors=0 -d log_errors=1 -d error_log="$dir/php.log" \
  -S "127.0.0.1:$port" -t "$code" "$dir/router.php"
