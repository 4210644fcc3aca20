# Runs on a host without Python: dials its peers and tells what came back. Perl 5.14 and later with
# its core modules. Arguments, stdin, stderr and stdout are those of run.py; lost datagrams and the
# largest one are not looked for.
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
my $at_once = 200;
my ($head, $token) = ("\0" x 8, '');
my $unroutable = join '|', qw(EHOSTUNREACH ENETUNREACH EHOSTDOWN ENETDOWN ENOPROTOOPT EACCES EPERM);
my $exact = eval { require Time::HiRes; 1 };
my $ticks = POSIX::sysconf(POSIX::_SC_CLK_TCK());
my (%readable, %writable, @timers, @lines, %peers, @peers, @order, @told, @queue);
my @own;
my ($running, $lookups, $rest, $ending) = (0, 0, '', sub { POSIX::_exit(1) });

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

sub after {
    my ($seconds, $call) = @_;
    my $at = now() + $seconds;
    @timers = sort { $a->[0] <=> $b->[0] } @timers, [$at, $call];
}

sub turn {
    my $now = now();
    (shift @timers)->[1]->() while @timers && $timers[0][0] <= $now;
    my $wait = @timers ? $timers[0][0] - now() : 5;
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
        $peer->{rtt} = int $took if $took && (!defined $peer->{rtt} || $took < $peer->{rtt});
        drop($_) for @files;
        $running--;
    };
    my $attempt = sub {
        return if $dial->{result};
        my $file = opened($family, SOCK_STREAM) or return $end->(letter($!));
        push @files, $file;
        my $began = now();
        return $end->('o', $file, $began) if connect $file, $where;
        return $end->(letter($!), $file, $began) if $! != EINPROGRESS;
        $writable{ fileno $file } = sub {
            $end->(letter(unpack 'i', getsockopt $file, SOL_SOCKET, SO_ERROR), $file, $began);
        };
    };
    after($_, $attempt) for @again;
    after($silence, sub { $end->('d') });
    $attempt->();
}

sub udp {
    my ($peer, $port, $dial) = @_;
    my ($family, $where) = place($peer->{address}, $port);
    my $file = opened($family, SOCK_DGRAM);
    my $end = sub {
        return if $dial->{result};
        $dial->{result} = $_[0];
        drop($file);
        $running--;
    };
    return $end->(letter($!)) unless connect $file, $where;
    $readable{ fileno $file } = sub {
        if (defined recv $file, my $data, 2048, 0) {
            $end->('o') if length $data >= 32 && substr($data, 8, 16) eq $token;
        }
        elsif (letter($!) =~ /[ru]/) { $end->(letter($!)) }
    };
    for my $number (0 .. $#hellos) {
        after($hellos[$number], sub {
            return if $dial->{result};
            defined send $file, $head . $token . pack('n4', 0, 0, 0, $number), 0 and return;
            $end->(letter($!)) if letter($!) =~ /[ru]/;
        });
    }
    after($silence, sub { $end->('d') });
}

sub mtu {
    my ($family, $where) = place($_[0], 9);
    my $file = opened($family, SOCK_DGRAM) or return '-';
    connect $file, $where or return '-';
    my @option = $family == AF_INET ? (0, 14) : (41, 24);    # IP_MTU, IPV6_MTU
    my $told = getsockopt $file, $option[0], $option[1];
    my $mtu = $told ? unpack('i', $told) : 0;
    return $mtu > 9000 ? 9000 : $mtu;
}

sub look_up {
    my @names = grep { $_->{name} ne '-' } @peers;
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
            my $found = join(',', sort keys %found) || ($error + 0 == -2 || $error + 0 == -5 ? 'none' : 'failed');
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
            $peers{$index}{found} = $found;
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
    my ($kept, $peer, $name) = @_;
    my ($port, $proto) = split m{/}, $name;
    push @$kept, my $dial = { result => '' };
    push @queue, sub { ($proto eq 'tcp' ? \&tcp : \&udp)->($peer, $port, $dial) };
}

my %read = (
    token => sub { $token = pack 'H*', $_[0] },
    count => sub { },
    own => sub { @own = @_ },
    dial => sub { my $index = shift; push @order, [$peers{$index}, $_] for @_ },
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
start($_->[0]{dials}, @$_) for @order;
look_up();
finish();
for my $peer (@peers) {
    my @ports = map { $_->[1] } grep { $_->[0] == $peer } @order;
    my @found = split /,/, $peer->{found};
    if (!(grep { $_ eq $peer->{address} } @found) && grep { $_ eq $found[0] } @{ $peer->{others} }) {
        $peer->{other} = $found[0];
        start($peer->{again}, { %$peer, address => $found[0] }, $_) for @ports;
    }
    start($peer->{control}, $peer, "$peer->{ssh}/tcp")
        if @ports && !grep { $_->{result} ne 'd' } @{ $peer->{dials} };
}
finish();
push @told, 'dials ' . join '', map { (shift @{ $_->[0]{dials} })->{result} } @order;
for my $peer (@peers) {
    push @told, "name $peer->{index} $peer->{found}" if $peer->{name} ne '-';
    push @told, "named $peer->{index} $peer->{other} " . join '', map { $_->{result} } @{ $peer->{again} }
        if @{ $peer->{again} };
    push @told, "ssh $peer->{index} $peer->{control}[0]{result}" if @{ $peer->{control} };
    push @told, join ' ', 'path', $peer->{index}, $peer->{rtt} // '-', $peer->{mtu} || '-', qw(- - -);
}
my $body = join '', map { "$_\n" } @told;
my $data = "\n$boundary edges " . length($body) . "\n$body$boundary end " . @told . "\n";
while (length $data) {
    my $count = syswrite STDOUT, $data;
    last unless defined $count;
    substr($data, 0, $count) = '';
}
$ending = sub { POSIX::_exit(0) };
say('done');
turn() while 1;
