//! How well the media of a channel travels.

models! {
    /// Statistics of the RTP of a channel. *Local* is what Asterisk measured of what came in, *remote*
    /// what the other side said of what it got; the latter is there once it has said something.
    /// Asterisk does not say in which unit jitter and times of travel are, and that has changed over
    /// its versions.
    RtpStat = "RTPstat" {
        /// How many packets were sent.
        txcount: u64,
        /// How many packets came.
        rxcount: u64,
        /// The jitter of what is sent.
        txjitter: Option<f64>,
        /// The jitter of what comes.
        rxjitter: Option<f64>,
        /// The largest jitter of the remote side.
        remote_maxjitter: Option<f64>,
        /// The smallest jitter of the remote side.
        remote_minjitter: Option<f64>,
        /// The mean jitter of the remote side.
        remote_normdevjitter: Option<f64>,
        /// The standard deviation of the jitter of the remote side.
        remote_stdevjitter: Option<f64>,
        /// The largest jitter here.
        local_maxjitter: Option<f64>,
        /// The smallest jitter here.
        local_minjitter: Option<f64>,
        /// The mean jitter here.
        local_normdevjitter: Option<f64>,
        /// The standard deviation of the jitter here.
        local_stdevjitter: Option<f64>,
        /// How many of the sent packets were lost.
        txploss: i64,
        /// How many packets were lost on their way here.
        rxploss: i64,
        /// The most packets lost at a time on the way to the remote side.
        remote_maxrxploss: Option<f64>,
        /// The fewest packets lost at a time on the way to the remote side.
        remote_minrxploss: Option<f64>,
        /// The mean of the packets lost at a time on the way to the remote side.
        remote_normdevrxploss: Option<f64>,
        /// The standard deviation of the packets lost at a time on the way to the remote side.
        remote_stdevrxploss: Option<f64>,
        /// The most packets lost at a time on the way here.
        local_maxrxploss: Option<f64>,
        /// The fewest packets lost at a time on the way here.
        local_minrxploss: Option<f64>,
        /// The mean of the packets lost at a time on the way here.
        local_normdevrxploss: Option<f64>,
        /// The standard deviation of the packets lost at a time on the way here.
        local_stdevrxploss: Option<f64>,
        /// How long a packet travels there and back.
        rtt: Option<f64>,
        /// The longest it took.
        maxrtt: Option<f64>,
        /// The shortest it took.
        minrtt: Option<f64>,
        /// The mean of what it took.
        normdevrtt: Option<f64>,
        /// The standard deviation of what it took.
        stdevrtt: Option<f64>,
        /// How good what is sent sounds, of 100: Asterisk's media experience score. This and those
        /// below are sent, but not documented.
        txmes: Option<f64>,
        /// How good what comes sounds, of 100.
        rxmes: Option<f64>,
        /// The best score of the remote side.
        remote_maxmes: Option<f64>,
        /// The worst score of the remote side.
        remote_minmes: Option<f64>,
        /// The mean score of the remote side.
        remote_normdevmes: Option<f64>,
        /// The standard deviation of the score of the remote side.
        remote_stdevmes: Option<f64>,
        /// The best score here.
        local_maxmes: Option<f64>,
        /// The worst score here.
        local_minmes: Option<f64>,
        /// The mean score here.
        local_normdevmes: Option<f64>,
        /// The standard deviation of the score here.
        local_stdevmes: Option<f64>,
        /// The number of our stream.
        local_ssrc: u32,
        /// The number of their stream.
        remote_ssrc: u32,
        /// How many bytes were sent.
        txoctetcount: u64,
        /// How many bytes came.
        rxoctetcount: u64,
        /// The id of the channel.
        channel_uniqueid: String,
    }
}
