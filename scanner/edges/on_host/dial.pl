# Runs on a host without Python: dials its peers and tells what came back. Perl 5.14 and later with
# its core modules. Arguments, stdin, stderr and stdout are those of run.py;
# so is the exit status of 3, see start.sh.
use strict;
use warnings;
use Errno qw(EINPROGRESS ECONNREFUSED ECONNRESET ETIMEDOUT);
use Fcntl;
use POSIX ();
use Socket qw(:DEFAULT inet_pton pack_sockaddr_in6 getaddrinfo getnameinfo NI_NUMERICHOST
    IPPROTO_TCP IPPROTO_IPV6);

my ($role, $boundary, $life) = @ARGV;
alarm $life;
$SIG{PIPE} = 'IGNORE';

my $silence = 3.5;
my @again = (0.4, 2.2);
my @hellos = (0, 0.25, 0.5, 1, 1.5, 2, 2.5, 3);
my ($echoes, @tries) = (20, 0.01, 0.25, 0.5, 0.75);
my @ladder = (1280, 1350, 1370, 1380, 1390, 1400, 1410, 1420, 1430, 1440, 1450, 1460, 1472, 1480, 1492,
    1500, 2000, 4000, 8000, 8850, 8900, 8950);
my $at_once = 200;
my ($head, $token) = ("\0" x 8, '');
my $unroutable = join '|', qw(EHOSTUNREACH ENETUNREACH EHOSTDOWN ENETDOWN ENOPROTOOPT EACCES EPERM);
my $exact = eval { require Time::HiRes; 1 };
my $ticks = POSIX::sysconf(POSIX::_SC_CLK_TCK());
my (%readable, %writable, @timers, @lines, %peers, @peers, @order, @told, @queue);
my (@own, $unsorted, $endpoint);
my $controls = 0;
my ($running, $lookups, $rest, $ending) = (0, 0, '', sub { POSIX::_exit(3) });

sub now { return $exact ? Time::HiRes::time() : (POSIX::times())[0] / $ticks }
sub say { syswrite STDERR, "$boundary $_[0]\n" }

sub letter {
    my $code = $_[0] + 0;
    return 'o' if !$code || $code == ECONNRESET;
    return 'r' if $code == ECONNREFUSED;
    return 'd' if $code == ETIMEDOUT;
    local $! = $code;
    return (grep { $!{$_} } split /\|/, $unroutable) ? 'u' : 'x';
}

# As letter, of what connect says at once: the host's own routes lead nowhere.
sub letter_here {
    my $code = $_[0] + 0;
    local $! = $code;
    return (grep { $!{$_} } qw(EHOSTUNREACH ENETUNREACH EACCES EINVAL)) ? 'h' : letter($code);
}

sub after {
    my ($seconds, $call) = @_;
    push @timers, [now() + $seconds, $call];
    $unsorted = 1;
}

sub turn {
    my $now = now();
    @timers = sort { $a->[0] <=> $b->[0] } @timers if $unsorted;
    $unsorted = 0;
    my $wait = @timers ? $timers[0][0] - $now : 5;
    while (!$unsorted && @timers && $timers[0][0] <= $now) {
        (shift @timers)->[1]->();
        $wait = 0;    # whoever turns the loop may have got what it waits for
    }
    $wait = 0 if $unsorted;
    my ($in, $out) = ('', '');
    vec($in, $_, 1) = 1 for keys %readable;
    vec($out, $_, 1) = 1 for keys %writable;
    return if select($in, $out, undef, $wait < 0 ? 0 : $wait + 0.001) <= 0;
    for my $number (keys %readable) { $readable{$number}->() if $readable{$number} && vec($in, $number, 1) }
    for my $number (keys %writable) { $writable{$number}->() if $writable{$number} && vec($out, $number, 1) }
}

sub drop {
    my $file = $_[0];
    return unless defined fileno $file;
    delete $readable{ fileno $file };
    delete $writable{ fileno $file };
    close $file;
}

sub place {
    my ($address, $port) = @_;
    return (AF_INET6, pack_sockaddr_in6($port, inet_pton(AF_INET6, $address))) if $address =~ /:/;
    return (AF_INET, pack_sockaddr_in($port, inet_pton(AF_INET, $address)));
}

# Keep the shortest time, in microseconds; the clock may have been set back since.
sub took {
    my ($peer, $what, $took) = (@_[0, 1], int $_[2]);
    $peer->{$what} = $took if $took >= 0 && (!defined $peer->{$what} || $took < $peer->{$what});
}

sub opened {
    my ($family, $kind) = @_;
    socket(my $file, $family, $kind, 0) or return;
    fcntl $file, F_SETFL, O_NONBLOCK;
    return $file;
}

$readable{0} = sub {
    my $count = sysread STDIN, my $data, 65536;
    $ending->() unless $count;
    my @parts = split /\n/, $rest . $data, -1;
    $rest = pop @parts;
    push @lines, @parts;
};

sub listener {
    my ($port, $proto) = @_;
    my $kind = $proto eq 'tcp' ? SOCK_STREAM : SOCK_DGRAM;
    my ($file, $where) = (opened(AF_INET6, $kind), pack_sockaddr_in6($port, inet_pton(AF_INET6, '::')));
    if ($file) { setsockopt $file, IPPROTO_IPV6, 26, pack('i', 0) }    # IPV6_V6ONLY
    else { ($file, $where) = (opened(AF_INET, $kind), pack_sockaddr_in($port, INADDR_ANY)) }
    # for UDP it would take another program's packets
    setsockopt $file, SOL_SOCKET, SO_REUSEADDR, pack('i', 1) if $proto eq 'tcp';
    bind $file, $where or return 0;
    if ($proto eq 'udp') {
        # from the address that they were sent to, whatever the routes say: so each has its socket
        close $file;
        my @files = map {
            my ($family, $there) = place($_, $port);
            my $made = opened($family, SOCK_DGRAM);
            $made && bind($made, $there) ? $made : ();
        } @own;
        if (!@files) { $file = opened(AF_INET, SOCK_DGRAM); bind $file, pack_sockaddr_in($port, INADDR_ANY); @files = $file }
        for my $each (@files) {
            $readable{ fileno $each } = sub {
                while (defined(my $from = recv $each, my $data, 65535, 0)) {
                    send $each, substr($data, 0, 32), 0, $from
                        if length $data >= 32 && substr($data, 8, 16) eq $token;
                }
            };
        }
        return 1;
    }
    listen $file, 128 or return 0;
    my @held;
    $readable{ fileno $file } = sub {
        if (accept my $taken, $file) {
            # reset and not closed: nothing stays on the port that a component may want
            setsockopt $taken, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0);
            push @held, $taken;
            $readable{ fileno $taken } = sub { drop($taken) };
        }
        drop(shift @held) while @held > 128;
    };
    return 1;
}

sub tcp {
    my ($peer, $port, $dial) = @_;
    my ($family, $where) = place($peer->{address}, $port);
    my @files;
    my $end = sub {
        my ($result, $file, $began) = @_;
        return if $dial->{result};
        $dial->{result} = $result;
        my $took = $began ? (now() - $began) * 1e6 : 0;
        if ($result eq 'o') {
            # tcpi_rtt of struct tcp_info (linux/tcp.h), microseconds
            my $told = getsockopt $file, IPPROTO_TCP, 11;
            $took = unpack 'x68 I', $told if $told && length $told >= 72;
            setsockopt $file, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0);
        }
        elsif ($result ne 'r' || !$exact) { $took = 0 }
        took($peer, 'rtt', $took) if $took;
        drop($_) for @files;
        $running--;
    };
    my $attempt = sub {
        return if $dial->{result};
        my $file = opened($family, SOCK_STREAM) or return $end->(letter($!));
        push @files, $file;
        my $began = now();
        return $end->('o', $file, $began) if connect $file, $where;
        return $end->(letter_here($!), $file, $began) if $! != EINPROGRESS;
        $writable{ fileno $file } = sub {
            $end->(letter(unpack 'i', getsockopt $file, SOL_SOCKET, SO_ERROR), $file, $began);
        };
    };
    after($_, $attempt) for @again;
    after($silence, sub { $end->('d') });
    $attempt->();
}

# Sends to one UDP port; where a peer echoes, also looks for loss and for the largest size.
sub udp {
    my ($peer, $port, $dial, $measured) = @_;
    my ($family, $where) = place($peer->{address}, $port);
    my $file = opened($family, SOCK_DGRAM);
    my $headers = $family == AF_INET ? 28 : 48;
    my ($open, $began, $sends, %got, %sizes, %sent_at) = (0, now(), 0);
    my $end = sub {
        return if $dial->{result};
        $dial->{result} = $_[0];
        # later ones may answer to a datagram before, or only to the last
        took($peer, 'rtt', (now() - $began) * 1e6) if $_[0] eq 'r' && $sends == 1 && $exact;
        drop($file);
        $running--;
    };
    my $send = sub {
        my ($number, $size) = @_;
        return if $dial->{result};
        $sends++;
        $sent_at{$number} = now() if $exact && $number < 200;    # those are sent once each
        my $data = $head . $token . pack('n4', 0, 0, 0, $number);
        $data .= "\0" x ($size - length $data) if $size && $size > length $data;
        defined send $file, $data, 0 and return;
        $end->(letter($!)) if letter($!) =~ /[ru]/;
    };
    my $echoed = sub { scalar grep { $_ >= 100 && $_ < 200 } keys %got };
    my $close = sub {
        return if $dial->{result};
        if ($measured) {
            @$peer{qw(sent got)} = ($echoes, $echoed->()) if $peer->{counts};
            $peer->{largest} = 0;
            for (keys %sizes) { $peer->{largest} = $sizes{$_} if $got{$_} && $sizes{$_} > $peer->{largest} }
        }
        $end->('o');
    };
    # each size more than once: what counts is the size of the packet, with its headers
    my $large = sub {
        my ($first, @sizes) = @_;
        for my $number ($first .. $first + $#sizes) {
            my $size = $sizes{$number} = $sizes[$number - $first];
            after($_, sub { $send->($number, $size - $headers) unless $got{$number} }) for @tries;
        }
    };
    my $measure = sub {
        return $close->() unless $measured;
        if ($peer->{counts}) {
            for my $number (0 .. $echoes - 1) { after($number * 0.02, sub { $send->(100 + $number) }) }
        }
        $large->(200, $peer->{mtu});
        after(1.2, sub {
            return $close->() if $dial->{result} || $got{200} || $peer->{mtu} <= $ladder[0];
            $large->(300, (grep { $_ < $peer->{mtu} } @ladder), $peer->{mtu});
            after(1.2, $close);
        });
    };
    # IP_PMTUDISC_PROBE: never in fragments
    my @option = $family == AF_INET ? (0, 10) : (41, 23);
    setsockopt $file, $option[0], $option[1], pack('i', 3);
    return $end->(letter_here($!)) unless connect $file, $where;
    $readable{ fileno $file } = sub {
        if (defined recv $file, my $data, 2048, 0) {
            return unless length $data >= 32 && substr($data, 8, 16) eq $token;
            my $number = unpack 'x30 n', $data;
            $got{$number} = 1;
            my $sent = delete $sent_at{$number};
            took($peer, 'echo', (now() - $sent) * 1e6) if $sent;
            if (!$open) { $open = 1; $measure->() }
            elsif ($got{200} && (!$peer->{counts} || $echoed->() == $echoes)) { $close->() }
        }
        elsif (letter($!) =~ /[ru]/) { $end->(letter($!)) }
    };
    for my $number (0 .. $#hellos) {
        after($hellos[$number], sub { $send->($number) unless $open });
    }
    after($silence, sub { $end->('d') unless $open });
}

sub mtu {
    my ($family, $where) = place($_[0], 9);
    my $file = opened($family, SOCK_DGRAM) or return 0;
    connect $file, $where or return 0;
    my @option = $family == AF_INET ? (0, 14) : (41, 24);    # IP_MTU, IPV6_MTU
    my $told = getsockopt $file, $option[0], $option[1];
    my $mtu = $told ? unpack('i', $told) : 0;
    return $mtu > 9000 ? 9000 : $mtu;
}

sub look_up {
    my @names = ((grep { $_->{name} ne '-' } @peers), $endpoint ? $endpoint : ());
    my ($children, @children) = (@names < 8 ? scalar @names : 8);
    return unless @names;
    pipe my $done, my $notice;
    for my $first (0 .. $children - 1) {
        my $child = fork;
        last unless defined $child;
        push @children, $child and next if $child;
        alarm 5;
        for (my $number = $first; $number < @names; $number += $children) {
            my ($peer, %found) = ($names[$number]);
            my ($error, @rows) = getaddrinfo($peer->{name}, '', { socktype => SOCK_STREAM });
            for (@rows) { $found{ (getnameinfo($_->{addr}, NI_NUMERICHOST))[1] } = 1 }
            my $found = join(',', (sort keys %found)[0 .. (keys %found > 16 ? 15 : keys(%found) - 1)]) || ($error + 0 == -2 || $error + 0 == -5 ? 'none' : 'failed');
            syswrite $notice, "$peer->{index} $found\n";
        }
        POSIX::_exit(0);
    }
    $lookups = @names;
    my $leave = sub { $lookups = 0; kill 'KILL', @children; waitpid $_, 0 for splice @children };
    $readable{ fileno $done } = sub {
        sysread $done, my $data, 65536;
        for (split /\n/, $data) {
            my ($index, $found) = split / /;
            next unless $found && $lookups;
            ($index eq 'endpoint' ? $endpoint : $peers{$index})->{found} = $found;
            $lookups--;
        }
        $leave->() unless $lookups;
    };
    after(3, $leave);
}

sub finish {
    while (@queue || $running || $lookups) {
        while (@queue && $running < $at_once) { $running++; (shift @queue)->() }
        turn() if $running || $lookups;
    }
}

sub start {
    my ($kept, $peer, $name, $measured) = @_;
    my ($port, $proto) = split m{/}, $name;
    push @$kept, my $dial = { result => '' };
    push @queue, sub { ($proto eq 'tcp' ? \&tcp : \&udp)->($peer, $port, $dial, $measured) };
}

my %read = (
    token => sub { $token = pack 'H*', $_[0] },
    count => sub { $peers{$_}{counts} = 1 for @_ },
    own => sub { @own = @_ },
    endpoint => sub { $endpoint = { index => 'endpoint', name => $_[0], port => $_[1], found => 'late', dials => [] } },
    dial => sub { my $peer = $peers{ +shift }; $peer->{ports} = [@_]; push @order, [$peer, $_] for @_ },
    peer => sub {
        my ($index, $name, $ssh, $address, @others) = @_;
        push @peers, $peers{$index} = {
            index => $index, name => $name, ssh => $ssh, address => $address, others => \@others,
            found => 'late', mtu => mtu($address), dials => [], again => [], control => [],
        };
    },
    listen => sub {
        for my $name (@_) {
            my $state = listener(split m{/}, $name) ? 'ok' : (grep { $!{$_} } qw(EADDRINUSE EACCES))[0];
            push @told, "listen $name " . ($state || '?');
        }
    },
);

sub read_until {
    while (1) {
        while (@lines) {
            my ($word, @words) = split ' ', shift @lines;
            return if $word eq $_[0];
            $read{$word}->(@words);
        }
        turn();
    }
}

say('up perl');
read_until('bind');
say('ready');
read_until('go');
for (@order) {
    my ($peer, $name) = @$_;
    start($peer->{dials}, $peer, $name, $name =~ /udp/ && !$peer->{measured}++);
}
look_up();
finish();
my @stands_for;
if ($endpoint && $endpoint->{found} =~ /[.:]/) {
    @stands_for = split /,/, $endpoint->{found};
    splice @stands_for, 4 if @stands_for > 4;
    start($endpoint->{dials}, { address => $_ }, "$endpoint->{port}/tcp") for @stands_for;
}
for my $peer (@peers) {
    my @ports = @{ $peer->{ports} || [] };
    my @found = split /,/, $peer->{found};
    if (!(grep { $_ eq $peer->{address} } @found) && grep { $_ eq $found[0] } @{ $peer->{others} }) {
        $peer->{other} = $found[0];
        start($peer->{again}, { %$peer, address => $found[0] }, $_) for @ports;
    }
    # what waited for other dials is dialled once more, now that there are few
    my $ended = sub {
        my $result = $_[0];
        map { $ports[$_] } grep { $peer->{dials}[$_]{result} eq $result } 0 .. $#ports;
    };
    my @slow = ($peer->{rtt} // 0) > 5000 ? $ended->('r') : ();
    @slow = grep { /udp/ } $ended->('o') if !defined $peer->{rtt} && ($peer->{echo} // 0) > 5000;
    if (@slow) { start([], $peer, $slow[0]) for 1 .. 3 }
    start($peer->{control}, $peer, "$peer->{ssh}/tcp")
        if @ports && !(grep { $_->{result} ne 'd' } @{ $peer->{dials} }) && $controls++ < $at_once;
}
finish();
push @told, 'dials ' . join '', map { (shift @{ $_->[0]{dials} })->{result} } @order;
for my $peer (@peers) {
    push @told, "name $peer->{index} $peer->{found}" if $peer->{name} ne '-';
    push @told, "named $peer->{index} $peer->{other} " . join '', map { $_->{result} } @{ $peer->{again} }
        if @{ $peer->{again} };
    push @told, "ssh $peer->{index} $peer->{control}[0]{result}" if @{ $peer->{control} };
    push @told, join ' ', 'path', $peer->{index}, map { $_ // '-' } @$peer{qw(rtt mtu sent got largest echo)};
}
if ($endpoint) {
    my @found = map { "$stands_for[$_] $endpoint->{dials}[$_]{result}" } 0 .. $#stands_for;
    push @told, 'endpoint ' . (join(' ', @found) || $endpoint->{found});
}
my $body = join '', map { "$_\n" } @told;
my $data = "\n$boundary edges " . length($body) . "\n$body$boundary end " . @told . "\n";
while (length $data) {
    my $count = syswrite STDOUT, $data;
    last unless defined $count;
    substr($data, 0, $count) = '';
}
$ending = sub { syswrite STDOUT, "$boundary over\n"; POSIX::_exit(0) };
say('done');
turn() while 1;
